// The half of pdf.js that reads files, in a worker of its own.
export { WorkerMessageHandler } from "pdfjs-dist/legacy/build/pdf.worker.mjs";
