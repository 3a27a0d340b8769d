const A_YEAR = 365 * 24 * 3600;

export function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR}; SameSite=Lax`;
}

export function recall(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}
