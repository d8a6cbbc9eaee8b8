// The loudness of a recording as a band that shows where one is; a click leads there.
import { make } from "../dom";

interface Peaks {
  length: number;
  data: number[];
}

export class Waveform {
  readonly canvas = make("canvas", { class: "wave", "aria-hidden": "true" });
  private peaks: number[] = [];

  constructor(address: string, private readonly share: () => number, seek: (share: number) => void) {
    void this.fetch(address);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.canvas.addEventListener("click", (event) => {
      event.stopPropagation();
      const box = this.canvas.getBoundingClientRect();
      seek((event.clientX - box.left) / box.width);
    });
  }

  private async fetch(address: string): Promise<void> {
    try {
      const answer = await fetch(address);
      const peaks = answer.ok ? ((await answer.json()) as Peaks) : null;
      if (!peaks || !Array.isArray(peaks.data)) return this.canvas.remove();
      const pairs = peaks.data.length >= 2 * peaks.length; // lowest and highest of each stretch, or the highest alone
      const sizes = Array.from({ length: peaks.length }, (_, i) => (pairs ? Math.max(Math.abs(peaks.data[2 * i]!), Math.abs(peaks.data[2 * i + 1]!)) : Math.abs(peaks.data[i]!)));
      const most = sizes.reduce((a, b) => Math.max(a, b), 1e-9);
      this.peaks = sizes.map((size) => size / most);
      this.draw();
    } catch {
      this.canvas.remove();
    }
  }

  draw(): void {
    const { canvas, peaks } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const pen = canvas.getContext("2d");
    if (!pen || !width || !peaks.length) return;
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale)) [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const bars = Math.max(1, Math.floor(width / 3));
    const until = this.share() * bars;
    for (let bar = 0; bar < bars; bar++) {
      const [from, to] = [Math.floor((bar * peaks.length) / bars), Math.max(Math.floor(((bar + 1) * peaks.length) / bars), Math.floor((bar * peaks.length) / bars) + 1)];
      let size = 0;
      for (let i = from; i < Math.min(to, peaks.length); i++) size = Math.max(size, peaks[i]!);
      const tall = Math.max(2, size * (height - 4));
      pen.fillStyle = bar <= until ? "#79bdd3" : "rgba(255, 255, 255, .34)";
      pen.fillRect(bar * 3, (height - tall) / 2, 2, tall);
    }
  }
}
