// Runs before the first paint, and so outside WebAssembly: sets theme and language (src/theme.rs and src/text know the same keys), then loads the screens.
(() => {
  // Storage may be forbidden: then the page's own theme, and Vietnamese.
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const theme = kept("ioc.theme");
  const suits = location.pathname.startsWith("/operations") ? "dark" : "light";
  document.documentElement.dataset.theme = theme === "dark" || theme === "light" ? theme : suits;
  if (kept("ioc.language") === "en") document.documentElement.lang = "en";

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
