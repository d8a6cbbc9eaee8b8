// Beside a lesson: tabs, notes that keep themselves, questions without leaving the page, what is not sent yet, offline pages.
import { one } from "./lib/dom";
import { keepNotes } from "./lib/learn/notes";
import { listKeptPages, sayUnsent, startWorker } from "./lib/learn/offline";
import { startPanel } from "./lib/learn/panel";
import { sayInPlace } from "./lib/learn/say";

const panel = one("[data-beside]");
if (panel) startPanel(panel);
keepNotes();
sayInPlace();
sayUnsent();
void listKeptPages();
startWorker();
