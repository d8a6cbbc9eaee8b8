// What an upload needs to go on after its page, or its browser, was closed: a record, and the file where there is room.
import type { Item, Options } from "./upload_messages";

export interface Record_ {
  id: string;
  user: string;
  upload: string; // the server's number, empty before it has one
  name: string;
  size: number;
  modified: number;
  sha256: string;
  percent: number;
  isPaused: boolean;
  at: number;
  options: Options;
  end?: End;
}

/** How it ended, for the next pages: where no worker outlives a page, the line would go with the page that saw the end. */
export interface End {
  at: number;
  shown: Partial<Item>;
}

export const KEEP_MS = 72 * 3600 * 1000; // the server gives up after three days as well
const TELL_MS = 10 * 60 * 1000; // so long the next pages say that it is done
const KEEP_BYTES = 1024 ** 3; // the browser makes a copy: a larger file costs the disk more than choosing it again

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("keku-uploads", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("records", { keyPath: "id" });
      asked.result.createObjectStore("files");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

async function act<T>(store: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(store, mode);
    const asked = work(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
}

/** Storage that is switched off, full or private: then uploads work without memory. */
async function perhaps<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch {
    return otherwise;
  }
}

export const keepRecord = (record: Record_) => perhaps(act("records", "readwrite", (store) => store.put(record)).then(() => true), false);

export async function keepFile(id: string, file: File): Promise<boolean> {
  if (file.size > KEEP_BYTES) return false;
  return perhaps(act("files", "readwrite", (store) => store.put(file, id)).then(() => true), false);
}

export async function fileOf(id: string): Promise<File | null> {
  const found = await perhaps(act("files", "readonly", (store) => store.get(id)), null);
  return found instanceof File ? found : null;
}

/** The file is there: its copy leaves, and the record says for a while how it ended. */
export async function keepEnd(record: Record_): Promise<void> {
  await keepRecord(record);
  await perhaps(act("files", "readwrite", (store) => store.delete(record.id)), undefined);
}

/** Whether a page that opens now need not hear of it any more. */
export const isOver = (record: Record_): boolean => Date.now() - record.at > KEEP_MS || (record.end !== undefined && Date.now() - record.end.at > TELL_MS);

export async function forget(id: string): Promise<void> {
  await perhaps(act("records", "readwrite", (store) => store.delete(id)), undefined);
  await perhaps(act("files", "readwrite", (store) => store.delete(id)), undefined);
}

/** The person's records; those that are over leave, whoever's they are. */
export async function records(user: string): Promise<Record_[]> {
  const all = await perhaps(act<Record_[]>("records", "readonly", (store) => store.getAll()), []);
  const young = [];
  for (const record of all) {
    if (isOver(record)) await forget(record.id);
    else if (record.user === user) young.push(record);
  }
  return young.sort((a, b) => a.at - b.at);
}
