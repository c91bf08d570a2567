// The service worker: pages come from the network when there is one and from the
// device when there is none; styles and scripts are named by their hash and come
// from the device at once. It answers for what lies below /me and nothing else,
// keeps no form that was sent, and takes over only when all pages are closed, so
// never in the middle of a form.

export {};

declare const self: ServiceWorkerGlobalScope;

const name = "dvala-1";
const patience = 4000; // milliseconds to wait for the network before the device answers

self.addEventListener("install", (e) => {
  e.waitUntil(keep(["/me/offline"]));
});

self.addEventListener("activate", (e) => {
  const clean = async () => {
    for (const old of await caches.keys()) if (old !== name) await caches.delete(old);
    await self.clients.claim();
  };
  e.waitUntil(clean());
});

self.addEventListener("message", (e) => {
  if (Array.isArray(e.data?.keep)) e.waitUntil(keep(e.data.keep));
});

// keep fetches pages, and what they need, for when there is no network.
async function keep(urls: string[]): Promise<void> {
  const cache = await caches.open(name);
  await Promise.all(
    urls.map(async (url) => {
      try {
        const r = await fetch(url, { credentials: "same-origin" });
        if (fit(r)) {
          await needs(cache, await r.clone().text());
          await cache.put(url, r);
        }
      } catch {
        // next time
      }
    }),
  );
}

// needs fetches the style and scripts that a page names, and drops those that no
// page will name again.
async function needs(cache: Cache, page: string): Promise<void> {
  const named = new Set(Array.from(page.matchAll(/"(\/me\/static\/[^"]+)"/g), (m) => m[1].replace(/&amp;/g, "&")));
  for (const url of named) {
    if (await cache.match(url)) continue;
    const bare = url.split("?")[0];
    for (const old of await cache.keys()) if (new URL(old.url).pathname === bare) await cache.delete(old);
    await cache.add(url);
  }
}

// fit says whether an answer is a page of hers: not a redirect to where one
// signs in, and not a failure.
const fit = (r: Response): boolean => r.ok && !r.redirected && r.type === "basic";

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/me/static/")) e.respondWith(asset(e.request));
  else if (e.request.mode === "navigate" && (url.pathname === "/me" || url.pathname.startsWith("/me/"))) e.respondWith(page(e.request, url));
});

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const had = await cache.match(request);
  if (had) return had;
  const r = await fetch(request);
  if (fit(r)) await cache.put(request, r.clone());
  return r;
}

async function page(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(name);
  const bare = url.pathname === "/me/diary" ? "/me/diary?keep=1" : url.pathname;
  const network = fetch(request).then(async (r) => {
    if (fit(r) && url.pathname === "/me") {
      await needs(cache, await r.clone().text());
      await cache.put("/me", r.clone());
    }
    return r;
  });
  const had = await cache.match(bare);
  const device = had ?? (await cache.match("/me/offline"));
  if (!device) return network;
  // A page that the device has is worth waiting four seconds for; one that it
  // has not, as long as the network takes.
  const slow = had ? new Promise<Response>((done) => setTimeout(() => done(device.clone()), patience)) : undefined;
  try {
    return await (slow ? Promise.race([network, slow]) : network);
  } catch {
    return device;
  }
}

self.addEventListener("push", (e) => {
  let said: { title?: string; body?: string; link?: string; tag?: string } = {};
  try {
    said = e.data?.json() ?? {};
  } catch {
    // a message that cannot be read still reminds
  }
  e.waitUntil(
    self.registration.showNotification(said.title ?? "Dvala", { body: said.body ?? "", tag: said.tag ?? "dvala", data: said.link ?? "/me" }),
  );
});

self.addEventListener("notificationclick", (e) => {
  e.notification.close();
  const show = async () => {
    const link = String(e.notification.data ?? "/me");
    for (const c of await self.clients.matchAll({ type: "window" })) {
      if (new URL(c.url).pathname.startsWith("/me")) {
        await c.focus();
        return;
      }
    }
    await self.clients.openWindow(link);
  };
  e.waitUntil(show());
});
