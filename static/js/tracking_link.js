// Writes an address with its telling parts in colour, as components/tracking_link.html does.
const KINDS = { ref: "who", campaign: "campaign", utm_campaign: "campaign", utm_source: "source" };

// ["https://…?ref=", ""], ["trailhead_weekly", "who"], …
function parts(link) {
  return link.split(/(?=&)|(?<=\?)/).flatMap((piece) => {
    const [, head, name, value] = piece.match(/^(&?([^=]*)=)(.*)$/s) ?? [];
    return name in KINDS ? [[head, ""], [value, KINDS[name]]] : [[piece, ""]];
  });
}

export function showLink(link, element) {
  element.replaceChildren();
  for (const [text, kind] of parts(link)) {
    if (text.startsWith("&")) element.append(document.createElement("wbr"));
    const piece = kind ? document.createElement("b") : document.createTextNode(text);
    if (kind) {
      piece.className = `part-${kind}`;
      piece.textContent = text;
    }
    element.append(piece);
  }
}
