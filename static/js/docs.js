// Shows /openapi.json with Swagger UI, in the theme of the page.
(() => {
  const place = document.getElementById("docs");
  if (!place || !window.SwaggerUIBundle) return;

  const root = document.documentElement;
  const followTheme = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
  new MutationObserver(followTheme).observe(root, { attributeFilter: ["data-bs-theme"] });
  followTheme();

  window.SwaggerUIBundle({
    domNode: place,
    url: "/openapi.json",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    tryItOutEnabled: false,
    validatorUrl: null,
  });
})();
