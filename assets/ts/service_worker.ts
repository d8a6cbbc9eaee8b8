// Repeat visits. Files with a hash in their name come from the cache; pages come from the network, and from the cache only
// without one. Pages of a signed-in person are kept for that person alone: somebody else, or signing out, empties the cache.
export {};

interface LateEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends LateEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  addEventListener(kind: "install" | "activate", listener: (event: LateEvent) => void): void;
  addEventListener(kind: "message", listener: (event: LateEvent & { readonly data: unknown }) => void): void;
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
const scope = self as unknown as Scope;

const FILES = "kk-files";
const PAGES = "kk-pages";
const STATE = "kk-state";
const OFFLINE = "/offline";
const KEPT_AT = "X-Keku-Kept-At";
const PERSON = "X-Keku-Person";
const KEEPS = "X-Keku-Keeps";
const MOST_PAGES = 40;
const MOST_FILES = 150;
const KEEP_MS = 24 * 3_600_000;

const isFile = (path: string) => path.startsWith("/static/dist/");
const isKept = (path: string) => /^\/(learn|courses|points)\//.test(path);

async function trim(store: Cache, most: number): Promise<void> {
  const keys = await store.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => store.delete(key)));
}

/** The page for moments without network, as guests see it, with the files it needs. */
async function prepare(): Promise<void> {
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
  const files = await caches.open(FILES);
  const wanted = [...(await page.clone().text()).matchAll(/"(\/static\/dist\/[^"#]+)/g)].map((match) => match[1]!);
  await Promise.all([...new Set(wanted)].map((file) => files.add(file).catch(() => undefined)));
  await (await caches.open(STATE)).put(OFFLINE, page);
}

async function fileOf(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") {
    await files.put(request, answer.clone());
    await trim(files, MOST_FILES);
  }
  return answer;
}

let turn: Promise<unknown> = Promise.resolve();

/** One act on what is kept after the other: two answers that both find nobody noted would each empty what the other has kept. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const mine = turn.catch(() => undefined).then(act);
  turn = mine;
  return mine;
}

const notedPerson = async () => (await (await caches.open(STATE)).match("/person"))?.text();

/** Whoever the answer is for: another person than before, and what was kept goes. */
function notePerson(answer: Response): Promise<void> {
  const person = answer.headers.get(PERSON);
  return inTurn(async () => {
    if (person === null || (await notedPerson()) === person) return;
    await caches.delete(PAGES);
    await (await caches.open(STATE)).put("/person", new Response(person));
  });
}

/** The page with the moment it was kept written into it, so that it can say how old it is. Its last words may come when its
 * reader has signed out by then: a page of somebody else than the one noted now is not kept. */
async function keepPage(request: Request, answer: Response): Promise<void> {
  const now = new Date();
  const html = (await answer.text()).replace("<body ", `<body data-kept-at="${now.toISOString()}" `);
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(now.getTime()));
  headers.delete("Content-Encoding"); // what is kept is text
  headers.delete("Content-Length");
  await inTurn(async () => {
    if ((await notedPerson()) !== answer.headers.get(PERSON)) return;
    const pages = await caches.open(PAGES);
    // Put takes the place of what was there in one step: with nothing in between, whoever loses the network just then reads one or the other.
    await pages.put(request.url, new Response(html, { status: 200, headers }));
    await trim(pages, MOST_PAGES);
  });
}

/** A page that was there before this worker could keep it: asked for once more, so that the first visit can be read again. */
async function keepFirst(address: string): Promise<void> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin || !isKept(url.pathname)) return;
  const answer = await fetch(url.href, { credentials: "same-origin", headers: { Accept: "text/html", [KEEPS]: "1" } });
  await notePerson(answer);
  if (answer.ok && !answer.redirected) await keepPage(new Request(url.href), answer);
}

async function keptPage(url: URL): Promise<Response> {
  const pages = await caches.open(PAGES);
  const kept = (await pages.match(url.href)) ?? (await pages.match(url.href, { ignoreSearch: true }));
  if (kept && Date.now() - Number(kept.headers.get(KEPT_AT)) < KEEP_MS) return kept;
  return (await (await caches.open(STATE)).match(OFFLINE)) ?? Response.error();
}

async function pageOf(event: FetchEvent, url: URL): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(event.request);
  } catch {
    return inTurn(() => keptPage(url));
  }
  const copy = answer.clone();
  event.waitUntil(
    notePerson(answer).then(() => {
      const isPage = copy.ok && copy.type === "basic" && !copy.redirected && copy.headers.get("Content-Type")?.startsWith("text/html");
      return isPage && isKept(url.pathname) ? keepPage(event.request, copy) : undefined;
    }),
  );
  return answer;
}

scope.addEventListener("install", (event) => {
  event.waitUntil(prepare().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(scope.clients.claim());
});

// A page that was on its way while this worker woke up is nobody's until it asks.
scope.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(scope.clients.claim());
  else if (typeof event.data === "string") event.waitUntil(keepFirst(event.data));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && /^\/sign-(in|out|up)$/.test(url.pathname)) event.waitUntil(inTurn(() => caches.delete(PAGES)));
  if (request.method !== "GET") return;
  if (isFile(url.pathname)) event.respondWith(fileOf(request));
  else if (request.mode === "navigate") event.respondWith(pageOf(event, url));
});
