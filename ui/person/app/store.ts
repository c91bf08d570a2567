// The queue on the device: entries that have been made and not yet delivered,
// and those that were refused and have not been seen to be. It is a queue and no
// archive: what has been delivered is gone from it. Drafts of forms lie beside it.
// All is written through to the disk, because a telephone may be switched off at
// any moment.

export interface Entry {
  key: string; // made here; the same key is filed once, however often it is sent
  made: string;
  zone: string;
  do: string;
  data: Record<string, unknown>;
  code: string; // whose it is
  what: string; // as the person knows it
}

export interface Refused extends Entry {
  text: string;
}

let open: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  open ??= new Promise((done, fail) => {
    const r = indexedDB.open("dvala", 1);
    r.onupgradeneeded = () => {
      r.result.createObjectStore("queue", { keyPath: "key" });
      r.result.createObjectStore("refused", { keyPath: "key" });
      r.result.createObjectStore("draft");
    };
    r.onsuccess = () => done(r.result);
    r.onerror = () => fail(r.error);
  });
  return open;
}

async function run<T>(names: string[], mode: IDBTransactionMode, work: (tx: IDBTransaction) => IDBRequest<T> | void): Promise<T | undefined> {
  const db = await database();
  return new Promise((done, fail) => {
    const tx = db.transaction(names, mode, { durability: "strict" });
    const r = work(tx);
    tx.oncomplete = () => done(r ? r.result : undefined);
    tx.onerror = tx.onabort = () => fail(tx.error);
  });
}

export const put = (e: Entry): Promise<unknown> => run(["queue"], "readwrite", (tx) => { tx.objectStore("queue").put(e); });

export const drop = (key: string): Promise<unknown> => run(["queue"], "readwrite", (tx) => { tx.objectStore("queue").delete(key); });

export async function waiting(code: string): Promise<Entry[]> {
  const all = (await run<Entry[]>(["queue"], "readonly", (tx) => tx.objectStore("queue").getAll())) ?? [];
  return all.filter((e) => e.code === code).sort((a, b) => (a.made < b.made ? -1 : 1));
}

// refuse moves an entry out of the queue in one transaction, so that it is in
// one of the two places whatever happens.
export const refuse = (e: Entry, text: string): Promise<unknown> =>
  run(["queue", "refused"], "readwrite", (tx) => {
    tx.objectStore("refused").put({ ...e, text });
    tx.objectStore("queue").delete(e.key);
  });

export async function refused(code: string): Promise<Refused[]> {
  const all = (await run<Refused[]>(["refused"], "readonly", (tx) => tx.objectStore("refused").getAll())) ?? [];
  return all.filter((e) => e.code === code);
}

export const forget = (key: string): Promise<unknown> => run(["refused"], "readwrite", (tx) => { tx.objectStore("refused").delete(key); });

// A draft is what stands in a form that has not been saved, by field.
export type Draft = Record<string, string>;

export const keepDraft = (key: string, said: Draft): Promise<unknown> => run(["draft"], "readwrite", (tx) => { tx.objectStore("draft").put(said, key); });

export const draft = async (key: string): Promise<Draft> => (await run<Draft>(["draft"], "readonly", (tx) => tx.objectStore("draft").get(key))) ?? {};

export const dropDraft = (key: string): Promise<unknown> => run(["draft"], "readwrite", (tx) => { tx.objectStore("draft").delete(key); });
