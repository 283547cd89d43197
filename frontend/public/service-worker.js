// Keeps the shell (page, screens, styles, fonts, map library, icons) so that a visit without a network has a screen that says so.
// It deliberately keeps nothing of the ward: answers and tiles pass it by, whoever is signed in.
const VERSION = "{version}";
const FILES = {files};
const SHELL = `shell-${VERSION}`;
const PREFIX = `/v/${VERSION}/`;
// A network that says nothing for so long counts as none; the page that is kept then opens.
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    // A first visit has most of them already: these come from the browser's own store.
    for (const path of ["/", ...FILES.map((file) => PREFIX + file)]) await keep(shell, path);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await self.registration.navigationPreload?.enable();
    for (const name of await caches.keys()) {
      if (name !== SHELL) await caches.delete(name);
    }
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (pathname.startsWith(PREFIX)) event.respondWith(file(request));
});

// The whole body first: `addAll` hands it over as a stream, and Chromium then refuses our larger files, without saying why,
// where the disk has little room beside the machine's memory.
async function keep(shell, path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  const { status, statusText, headers } = response;
  await shell.put(path, new Response(await response.arrayBuffer(), { status, statusText, headers }));
}

// The page as the server has it now; the kept one where no server answers.
async function page(event) {
  const kept = () => caches.match("/", { cacheName: SHELL });
  const asked = event.preloadResponse.then((response) => response ?? fetch(event.request));
  const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  try {
    return (await Promise.race([asked, silence])) ?? (await kept()) ?? (await asked);
  } catch {
    return (await kept()) ?? Response.error();
  }
}

// A file of this version never changes.
async function file(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request);
}
