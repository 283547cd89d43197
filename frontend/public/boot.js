// Runs before the first paint, and so outside WebAssembly: sets theme and language (src/theme.rs and src/text know the same keys), then loads the screens.
(() => {
  // Storage may be forbidden: then the page's own theme, and Vietnamese.
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const root = document.documentElement;
  const theme = kept("ioc.theme");
  const suits = location.pathname.startsWith("/operations") ? "dark" : "light";
  root.dataset.theme = theme === "dark" || theme === "light" ? theme : suits;
  if (kept("ioc.language") === "en") root.lang = "en";

  const app = `${root.dataset.bundle}/app/frontend`;
  const parsed = new Promise((done) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done, { once: true });
    else done();
  });
  Promise.all([import(`${app}.js`).then((screens) => screens.default({ module_or_path: `${app}_bg.wasm` }).then(() => screens)), parsed])
    .then(([screens]) => screens.mount())
    .then(keepShell)
    .catch((error) => {
      console.error(error);
      const line = document.createElement("p");
      line.className = "boot-failure";
      line.setAttribute("role", "alert");
      line.textContent = "Chưa tải được màn hình. Hãy tải lại trang. · The screens did not load. Please reload the page.";
      parsed.then(() => document.body.append(line));
    });

  // For visits without a network. Browsers have service workers over https and on this very machine only, and some people
  // forbid them: then such a visit shows the browser's own page.
  function keepShell() {
    // When the map has what it needs, so as not to compete with it; a page that is never idle keeps its shell all the same.
    const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 2000));
    const register = () => navigator.serviceWorker?.register("/service-worker.js", { updateViaCache: "none" }).catch(() => {});
    setTimeout(() => later(register, { timeout: 10_000 }), 3000);
  }
})();
