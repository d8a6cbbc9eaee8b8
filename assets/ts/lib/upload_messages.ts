// What pages and the upload engine say to each other. The engine knows no words and no page; pages know no parts.

export type Stage = "waiting" | "hashing" | "sending" | "paused" | "checking" | "done" | "duplicate" | "failed" | "repick" | "signin" | "elsewhere";

export interface Options {
  url: string;
  maxBytes: number;
  parallel: number;
  extra: Record<string, unknown>;
}

export interface Item {
  id: string;
  name: string;
  size: number;
  stage: Stage;
  percent: number;
  sent: number;
  speed: number; // bytes a second
  left: number; // seconds, 0 while unknown
  retryIn: number; // seconds until the next try, 0 while none waits
  reason: string; // why it failed, or is being tried again: a sentence of the server in the language of the page, or the key of a word of ours
  isFinal: boolean; // refused for what it is: trying again would not help
  existing: { title: string; url: string } | null;
  resourceUrl: string | null;
  resource: string | null; // the resource that was to get a new file, as the page said
  isKept: boolean; // the file lies in this browser's storage: it goes on without being chosen again
}

export type ToEngine =
  | { type: "hello"; user: string; csrf: string }
  | { type: "bye" }
  | { type: "add"; files: File[]; options: Options }
  | { type: "pause" | "resume" | "wake" | "cancel" | "remove"; id: string };

export type ToPage = { type: "items"; items: Item[] };
