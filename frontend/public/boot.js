// Runs before the first paint, and so outside WebAssembly: sets the theme (src/theme.rs knows the same key), then loads the screens.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("ioc.theme"); } catch { /* storage may be forbidden: the system's preference then */ }
  const light = matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light" ? chosen : light ? "light" : "dark";

  const parsed = new Promise((done) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done, { once: true });
    else done();
  });
  Promise.all([import("/app/frontend.js").then((app) => app.default({ module_or_path: "/app/frontend_bg.wasm" }).then(() => app)), parsed])
    .then(([app]) => app.mount())
    .catch((error) => {
      console.error(error);
      const line = document.createElement("p");
      line.className = "boot-failure";
      line.setAttribute("role", "alert");
      line.textContent = "Chưa tải được màn hình. Hãy tải lại trang. · The screens did not load. Please reload the page.";
      parsed.then(() => document.body.append(line));
    });
})();
