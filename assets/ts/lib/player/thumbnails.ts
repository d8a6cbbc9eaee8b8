// Small pictures over the timeline: one image, and a WebVTT file that says which part of it belongs to which seconds.
interface Picture {
  from: number;
  to: number;
  src: string;
  box: [number, number, number, number];
}

const seconds = (text: string): number => text.split(":").reduce((sum, part) => sum * 60 + Number(part.replace(",", ".")), 0);

export function readPictures(text: string, base: string): Picture[] {
  const found: Picture[] = [];
  for (const block of text.split(/\n\s*\n/)) {
    const match = /([\d:.]+)\s*-->\s*([\d:.]+)[^\n]*\n\s*(\S+?)#xywh=(\d+),(\d+),(\d+),(\d+)/.exec(block);
    if (match) found.push({ from: seconds(match[1]!), to: seconds(match[2]!), src: new URL(match[3]!, base).href, box: [Number(match[4]), Number(match[5]), Number(match[6]), Number(match[7])] });
  }
  return found;
}

export class Thumbnails {
  private pictures: Picture[] = [];
  private asked = false;

  constructor(private readonly address: string | undefined) {}

  /** Shows the picture of a second in `place`, which stays empty where there is none. The first call fetches the list. */
  show(place: HTMLElement, at: number): void {
    if (!this.address) return;
    if (!this.asked) void this.fetch().then(() => this.show(place, at));
    const picture = this.pictures.find((p) => at >= p.from && at < p.to) ?? this.pictures[this.pictures.length - 1];
    place.hidden = !picture;
    if (!picture) return;
    const [x, y, width, height] = picture.box;
    Object.assign(place.style, { width: `${width}px`, height: `${height}px`, backgroundImage: `url("${picture.src}")`, backgroundPosition: `-${x}px -${y}px` });
  }

  private async fetch(): Promise<void> {
    this.asked = true;
    try {
      const answer = await fetch(this.address!);
      if (answer.ok) this.pictures = readPictures(await answer.text(), new URL(this.address!, location.href).href);
    } catch {
      /* the timeline works without pictures */
    }
  }
}
