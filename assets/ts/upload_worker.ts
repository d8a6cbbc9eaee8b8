// The engine in a worker: shared by all pages of the site where browsers have that, else one for each page.
import { Engine, type Port } from "./lib/upload_engine";
import type { ToEngine } from "./lib/upload_messages";

const engine = new Engine();
const scope = self as unknown as { onconnect?: ((event: MessageEvent) => void) | null; onmessage: ((event: MessageEvent<ToEngine>) => void) | null };

if ("onconnect" in scope)
  scope.onconnect = (event) => {
    const port = event.ports[0]!;
    port.onmessage = (message: MessageEvent<ToEngine>) => void engine.hear(port as Port, message.data);
  };
else {
  const page = self as unknown as Port;
  scope.onmessage = (message) => void engine.hear(page, message.data);
}
