// The video and audio player. The server writes <div data-player …>, best with a plain <video controls> inside that works without scripts.
// See assets/README.md for the attributes. Video by hls.js where the browser cannot play HLS itself.
import type Hls from "hls.js";
import { all, announce, clock, csrfToken, icon, make, memory, one, parse, uuid } from "./lib/dom";
import { EventQueue } from "./lib/event_queue";
import { t } from "./lib/i18n";
import { choose, chosen } from "./lib/player/choices";
import { toggleHelp } from "./lib/player/help";
import { level } from "./lib/player/loudness";
import { type OwnMark, OwnMarks } from "./lib/player/own_marks";
import { Thumbnails } from "./lib/player/thumbnails";
import { follow, listenToTranscripts } from "./lib/player/transcript";
import { wanted } from "./lib/player/wanted";
import { Waveform } from "./lib/player/waveform";
import { type Range, covered, firstGap, union } from "./lib/ranges";

interface Caption {
  src: string;
  lang: string;
  label: string;
  default?: boolean;
}
interface Point {
  start: number;
  end?: number;
  title: string;
}
interface Question {
  at: number;
  done?: boolean;
  href?: string;
}

interface Line {
  start: number;
  end: number;
  text: string;
}

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const START_BPS = 900_000; // a phone's line: the first picture comes soon, and better ones when there is room

export class Player {
  readonly video: HTMLVideoElement;
  watched: Range[];
  private readonly captions: Caption[];
  private readonly points: Point[];
  private readonly questions: Question[];
  private readonly queue: EventQueue | null;
  private hls: Hls | null = null;
  private readonly sitting = uuid(); // many short parts of one sitting decide together whether the use was long enough
  private openFrom: number | null = null; // where the part that is being watched began
  private lastAt = 0;
  private begun = false;
  private mediaRetried = false;
  private dragging = false;
  private written: Line[] | null = null; // captions that are being edited on this page, shown instead of the track
  private sound: AudioContext | null = null;
  private wave: Waveform | null = null;
  private readonly thumbnails: Thumbnails;

  private readonly stage = make("div", { class: "sc" });
  private readonly caption = make("div", { class: "cap" });
  private readonly track = make("div", { class: "kk-tl" });
  private readonly timeline = make("div", { class: "sl", role: "slider", tabindex: 0, "aria-label": t("player.position"), "aria-valuemin": 0 });
  private readonly buffered = make("span", { class: "b" });
  private readonly seen = make("span");
  private readonly head = make("span", { class: "hd2" });
  private readonly picture = make("span", { class: "pic", hidden: true });
  private readonly words = make("span", { class: "w2" });
  private readonly tip = make("span", { class: "tip" }, this.picture, this.words);
  private readonly ranges = make("span", { class: "rgs", "aria-hidden": "true" });
  private readonly time = make("span", { class: "tm" });
  private readonly own = new OwnMarks(this.track, (seconds) => this.share(seconds), (seconds) => this.seek(seconds));
  private readonly playButton = this.button("player.play", icon("kk-play"));
  private readonly muteButton = this.button("player.mute", icon("volume"));

  constructor(readonly root: HTMLElement) {
    const d = root.dataset;
    this.captions = parse<Caption[]>(d["captions"], []);
    this.points = parse<Point[]>(d["points"], []).sort((a, b) => a.start - b.start);
    this.questions = parse<Question[]>(d["questions"], []);
    this.watched = union(parse<Range[]>(d["watched"], []));
    this.video = one<HTMLVideoElement>("video", root) ?? make("video");
    this.thumbnails = new Thumbnails(d["thumbs"]);
    this.queue = d["eventsUrl"]
      ? new EventQueue(d["eventsUrl"], d["csrf"] || csrfToken(), (answer) => {
          root.dispatchEvent(new CustomEvent("keku:progress", { bubbles: true, detail: answer }));
        })
      : null;
    this.build();
    this.listen();
    this.load();
  }

  // ---- What is drawn

  private button(word: string, sign: SVGElement, cls = ""): HTMLButtonElement {
    const label = t(word);
    return make("button", { type: "button", "aria-label": label, title: label, class: cls || false }, sign);
  }

  private build(): void {
    const { root, video } = this;
    video.removeAttribute("controls");
    video.removeAttribute("src");
    video.load(); // lets go of what the plain video began to fetch
    video.playsInline = true;
    video.preload = "metadata";
    if (root.dataset["poster"]) video.poster = root.dataset["poster"];
    video.tabIndex = -1;
    for (const child of all<HTMLElement>("track, source", video)) child.remove();
    for (const c of this.captions) {
      const track = make("track", { kind: "captions", src: c.src, srclang: c.lang, label: c.label });
      video.append(track);
      track.addEventListener("load", () => this.chooseCaption(this.captionLang()));
    }
    this.stage.append(video, this.caption, make("span", { class: "busy" }), this.bigButton());
    root.classList.add("kk-player");
    if (root.dataset["kind"] === "audio") root.classList.add("audio");
    if (!root.hasAttribute("role")) root.setAttribute("role", "region");
    if (!root.hasAttribute("aria-label")) root.setAttribute("aria-label", root.dataset["title"] ?? t("player.play"));
    // The questions are buttons of their own and may not stand inside the slider: both lie on the same track.
    this.timeline.append(make("span", { class: "tr" }), this.ranges, this.buffered, this.seen, this.head);
    this.track.append(this.timeline, this.tip);

    const back = this.button("player.back", icon("rewind-backward-10"));
    back.onclick = () => this.seek(video.currentTime - 10);
    const previous = this.button("player.prevPoint", icon("player-skip-back"), "wide");
    previous.onclick = () => this.skip(-1);
    const next = this.button("player.nextPoint", icon("player-skip-forward"));
    next.onclick = () => this.skip(1);
    const full = this.button("player.fullscreen", icon("maximize"));
    full.onclick = () => this.fullscreen();
    this.playButton.onclick = () => this.toggle();
    this.muteButton.classList.add("wide");
    this.muteButton.onclick = () => (video.muted = !video.muted);
    const bar = make("div", { class: "kk-ctl" }, this.playButton, back);
    if (this.points.length > 1) bar.append(previous, next);
    bar.append(this.muteButton, this.time, make("span", { class: "end" }), this.speedMenu());
    if (this.points.length) bar.append(this.chapterMenu());
    if (this.captions.length) bar.append(this.captionMenu());
    bar.append(this.qualitySlot, ...this.wideButtons(), this.moreMenu(), full);
    if (root.dataset["peaks"] && root.dataset["kind"] === "audio") {
      this.wave = new Waveform(root.dataset["peaks"], () => video.currentTime / (this.duration() || 1), (share) => this.seek(share * this.duration()));
      this.stage.append(this.wave.canvas);
      root.classList.add("waved");
    }
    root.replaceChildren(this.stage, this.track, bar, make("p", { class: "visually-hidden" }, t("player.keys")));
    this.draw();
  }

  private canFloat(): boolean {
    return document.pictureInPictureEnabled && this.root.dataset["kind"] !== "audio" && !this.video.disablePictureInPicture;
  }

  private wideButtons(): HTMLElement[] {
    const help = this.button("player.help", icon("keyboard"), "wide");
    help.onclick = () => toggleHelp(this.stage);
    if (!this.canFloat()) return [help];
    const float = this.button("player.pip", icon("picture-in-picture"), "wide");
    float.onclick = () => this.float();
    return [float, help];
  }

  /** On a narrow screen one button holds what has no room. */
  private moreMenu(): HTMLElement {
    const acts: Record<string, () => void> = { mute: () => (this.video.muted = !this.video.muted), pip: () => this.float(), help: () => toggleHelp(this.stage) };
    const holder = this.menu(
      t("player.more"),
      (button) => button.replaceChildren(icon("dots")),
      () => {
        const entries: [string, string, boolean][] = [["mute", t(this.video.muted ? "player.unmute" : "player.mute"), false]];
        if (this.canFloat()) entries.push(["pip", t("player.pip"), false]);
        entries.push(["help", t("player.help"), false]);
        return [...entries, ...this.qualities().map(([key, text, on]): [string, string, boolean] => [`q${key}`, `${t("player.quality")} ${text}`, on])];
      },
      (key) => (key.startsWith("q") ? this.setQuality(Number(key.slice(1))) : acts[key]?.()),
    );
    holder.classList.add("narrow");
    return holder;
  }

  private float(): void {
    if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined);
    else if (this.canFloat()) void this.video.requestPictureInPicture().catch(() => undefined);
  }

  private chapterMenu(): HTMLElement {
    const holder = this.menu(
      t("player.points"),
      (button) => button.replaceChildren(icon("list-details")),
      () => this.points.map((p, i): [string, string, boolean] => [String(i), `${clock(p.start)}  ${p.title}`, this.pointAt(this.video.currentTime) === p]),
      (key) => this.seek(this.points[Number(key)]?.start ?? 0),
    );
    holder.classList.add("chapters");
    return holder;
  }

  private readonly qualitySlot = make("span", { class: "m wide", hidden: true });

  private bigButton(): HTMLButtonElement {
    const button = this.button("player.play", icon("kk-play"), "big");
    button.onclick = (event) => {
      event.stopPropagation();
      this.toggle();
      this.playButton.focus({ preventScroll: true });
    };
    return button;
  }

  private menu(label: string, face: (button: HTMLButtonElement) => void, entries: () => [string, string, boolean][], pick: (key: string) => void): HTMLElement {
    const button = make("button", { type: "button", "aria-label": label, title: label, "aria-haspopup": "menu", "aria-expanded": "false" });
    const list = make("div", { role: "menu", "aria-label": label, hidden: true });
    const holder = make("span", { class: "m" }, button, list);
    const close = (focus: boolean) => {
      list.hidden = true;
      button.setAttribute("aria-expanded", "false");
      if (focus) button.focus();
    };
    const open = () => {
      list.replaceChildren(
        ...entries().map(([key, text, on]) => {
          const item = make("button", { type: "button", role: "menuitemradio", "aria-checked": String(on), tabindex: -1 }, text);
          item.onclick = () => {
            pick(key);
            face(button);
            close(true);
          };
          return item;
        }),
      );
      list.hidden = false;
      button.setAttribute("aria-expanded", "true");
      (one('[aria-checked="true"]', list) ?? list.firstElementChild as HTMLElement | null)?.focus();
    };
    button.onclick = () => (list.hidden ? open() : close(true));
    holder.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const items = all("button", list);
      const at = items.indexOf(document.activeElement as HTMLElement);
      if (event.key === "Escape") close(true);
      else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
      else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length]?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    holder.addEventListener("focusout", (event) => {
      if (!list.hidden && !holder.contains(event.relatedTarget as Node | null)) close(false);
    });
    face(button);
    return holder;
  }

  /** A button that shows the present choice; whoever speaks to the computer says what stands on it. */
  private facet(button: HTMLButtonElement, what: string, chosen: string): void {
    button.textContent = chosen;
    button.setAttribute("aria-label", `${what} ${chosen}`);
  }

  private speedMenu(): HTMLElement {
    const now = () => chosen.speed;
    return this.menu(
      t("player.speed"),
      (button) => this.facet(button, t("player.speed"), `${now()}×`),
      () => SPEEDS.map((speed) => [String(speed), `${speed}×`, speed === now()]),
      (key) => this.setSpeed(Number(key)),
    );
  }

  private captionLang(): string {
    const kept = chosen.captions;
    if (kept === "off") return "off";
    const wanted = this.captions.find((c) => c.lang === kept) ?? this.captions.find((c) => c.default);
    return wanted?.lang ?? (kept ? (this.captions[0]?.lang ?? "off") : "off");
  }

  private captionMenu(): HTMLElement {
    return this.menu(
      t("player.captions"),
      (button) => {
        button.replaceChildren(icon("badge-cc"));
        button.classList.toggle("off", this.captionLang() === "off");
      },
      () => [["off", t("player.captionsOff"), this.captionLang() === "off"], ...this.captions.map((c): [string, string, boolean] => [c.lang, c.label, c.lang === this.captionLang()])],
      (key) => {
        choose("captions", key);
        this.chooseCaption(key);
      },
    );
  }

  /** Captions that are being written on this page, shown as learners will see them. */
  private drawWritten(): void {
    const now = this.video.currentTime;
    const text = (this.written ?? []).filter((line) => line.start <= now && now < line.end).map((line) => line.text).join("\n");
    if (this.caption.textContent !== text) this.caption.replaceChildren(...(text ? [make("span", {}, text)] : []));
  }

  private chooseCaption(lang: string): void {
    if (this.written) return;
    this.caption.replaceChildren();
    for (const track of this.video.textTracks) {
      const on = track.language === lang;
      // "hidden" loads the lines and fires events; we draw them, so that size and place follow our design.
      track.mode = on ? "hidden" : "disabled";
      track.oncuechange = on
        ? () => {
            const text = [...(track.activeCues ?? [])].map((cue) => (cue as VTTCue).getCueAsHTML().textContent ?? "").join("\n");
            this.caption.replaceChildren(...(text ? [make("span", { lang: track.language }, text)] : []));
          }
        : null;
    }
  }

  // ---- Getting the media

  private load(): void {
    const { video, root } = this;
    const src = root.dataset["src"];
    if (!src) return;
    const start = this.startAt();
    video.addEventListener(
      "loadedmetadata",
      () => {
        video.playbackRate = chosen.speed;
        video.volume = Math.max(0, Math.min(1, chosen.volume));
        if (start > 0 && start < video.duration - 2 && (video.currentTime < 0.5 || video.currentTime === start)) {
          video.currentTime = start;
          this.hint(t("player.resumed", { at: clock(start) }));
        }
        this.lastAt = video.currentTime;
        this.draw();
      },
      { once: true },
    );
    const isPlaylist = /\.m3u8(\?|$)/.test(src);
    const apple = video.canPlayType("application/vnd.apple.mpegurl") !== "" && /^((?!chrome|chromium|android).)*safari/i.test(navigator.userAgent);
    if (!isPlaylist || apple) video.src = src;
    else void this.loadHls(src, start);
  }

  private async loadHls(src: string, resumeAt: number): Promise<void> {
    if (resumeAt > 0) this.video.currentTime = resumeAt; // where it will begin is shown before anything is fetched
    this.draw();
    await wanted(this.root);
    const { default: HlsPlayer } = await import("hls.js");
    const start = this.video.currentTime || resumeAt; // a link to a second may have been followed meanwhile
    if (!HlsPlayer.isSupported()) {
      if (this.root.dataset["fallback"]) this.video.src = this.root.dataset["fallback"];
      else this.video.src = src;
      return;
    }
    // The worker would be a blob: script, which the content policy refuses; our segments are fMP4 and need little work.
    const line = Number(memory.get("kk-line")) || START_BPS; // what the line gave last time
    const hls = new HlsPlayer({ enableWorker: false, capLevelToPlayerSize: true, startPosition: start > 0 ? start : -1, maxBufferLength: 30, abrEwmaDefaultEstimate: Math.min(line, 5_000_000), testBandwidth: false, startFragPrefetch: true });
    this.hls = hls;
    hls.on(HlsPlayer.Events.MANIFEST_PARSED, () => this.qualityMenu());
    hls.on(HlsPlayer.Events.LEVEL_SWITCHED, (_event, { level: at }) => (this.root.dataset["level"] = String(hls.levels[at]?.height ?? "")));
    hls.on(HlsPlayer.Events.FRAG_BUFFERED, () => memory.set("kk-line", String(Math.round(hls.bandwidthEstimate))));
    hls.on(HlsPlayer.Events.ERROR, (_event, error) => {
      if (!error.fatal) return;
      if (error.type === HlsPlayer.ErrorTypes.MEDIA_ERROR && !this.mediaRetried) {
        this.mediaRetried = true;
        hls.recoverMediaError();
      } else if (error.type === HlsPlayer.ErrorTypes.NETWORK_ERROR && this.begun) this.fail(true);
      else if (this.root.dataset["fallback"]) {
        hls.destroy();
        this.hls = null;
        this.video.src = this.root.dataset["fallback"];
      } else this.fail(error.type === HlsPlayer.ErrorTypes.NETWORK_ERROR && !navigator.onLine);
    });
    hls.loadSource(src);
    hls.attachMedia(this.video);
  }

  private qualities(): [string, string, boolean][] {
    const hls = this.hls;
    if (!hls || hls.levels.length < 2) return [];
    const order = hls.levels.map((_level, i) => i).sort((x, y) => (hls.levels[y]?.height ?? 0) - (hls.levels[x]?.height ?? 0));
    const name = (at: number) => `${hls.levels[at]?.height ?? "?"}p`;
    return [["-1", t("player.auto"), hls.autoLevelEnabled], ...order.map((i): [string, string, boolean] => [String(i), name(i), !hls.autoLevelEnabled && hls.manualLevel === i])];
  }

  private setQuality(at: number): void {
    if (this.hls) this.hls.nextLevel = at;
  }

  private qualityMenu(): void {
    if (!this.qualities().length) return;
    const menu = this.menu(
      t("player.quality"),
      (button) => this.facet(button, t("player.quality"), this.qualities().find(([, , on]) => on)?.[1] ?? t("player.auto")),
      () => this.qualities(),
      (key) => this.setQuality(Number(key)),
    );
    this.qualitySlot.hidden = false;
    this.qualitySlot.replaceChildren(menu);
  }

  private startAt(): number {
    const asked = new URLSearchParams(location.search).get("t") ?? /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1];
    if (asked !== null && asked !== undefined && Number(asked) >= 0) return Number(asked);
    const kept = this.root.dataset["resume"] ?? memory.get(this.place()) ?? "0";
    return Number(kept) || 0;
  }

  /** Where this browser keeps the second one stopped at, for pages that do not know it. */
  private place(): string {
    return `kk-at-${this.root.dataset["version"] ?? this.root.dataset["resource"] ?? ""}`;
  }

  private keepPlace(): void {
    const { currentTime, ended } = this.video;
    if (!this.begun) return;
    if (ended || currentTime > this.duration() - 3) memory.remove(this.place());
    else memory.set(this.place(), currentTime.toFixed(1));
  }

  private fail(network: boolean): void {
    this.pausePart();
    const at = this.video.currentTime;
    const retry = make("button", { type: "button", class: "btn btn-line btn-s" }, icon("refresh"), ` ${t("player.retry")}`);
    const box = make(
      "div",
      { class: "msg", role: "alert" },
      make("div", {}, make("p", {}, make("b", {}, network ? t("player.offline", { at: clock(at) }) : t("player.failed"))), make("p", { class: "s" }, t(network ? "player.offlineHint" : "player.failedHint")), retry),
    );
    box.onclick = (event) => event.stopPropagation();
    const again = () => {
      box.remove();
      window.removeEventListener("online", again);
      if (this.hls) {
        this.hls.startLoad(at);
        void this.video.play().catch(() => undefined);
      } else {
        this.video.load();
        this.video.currentTime = at;
      }
    };
    retry.onclick = again;
    if (network) window.addEventListener("online", again);
    one(".msg", this.stage)?.remove();
    this.stage.append(box);
  }

  private hint(text: string, ms = 5000): void {
    one(".hint", this.stage)?.remove();
    const box = make("span", { class: "hint", role: "status" }, text);
    this.stage.append(box);
    setTimeout(() => box.remove(), ms);
  }

  // ---- Behaviour

  private listen(): void {
    const { video, root, timeline } = this;
    this.stage.addEventListener("click", () => this.toggle());
    video.addEventListener("play", () => {
      this.begun = true;
      root.classList.add("started");
      this.face(this.playButton, "player.pause", icon("kk-pause"));
    });
    for (const heard of ["play", "playing"]) video.addEventListener(heard, () => this.hear());
    root.addEventListener("keku:captions", (event) => {
      this.written = (event as CustomEvent<Line[]>).detail;
      this.drawWritten();
    });
    video.addEventListener("pause", () => {
      this.pausePart();
      this.keepPlace();
      this.face(this.playButton, "player.play", icon("kk-play"));
      if (this.begun) void this.queue?.send();
    });
    video.addEventListener("ended", () => this.pausePart());
    video.addEventListener("seeking", () => this.pausePart(this.lastAt));
    video.addEventListener("seeked", () => {
      this.lastAt = video.currentTime;
      this.draw();
    });
    video.addEventListener("ratechange", () => this.pausePart());
    video.addEventListener("timeupdate", () => this.tick());
    video.addEventListener("durationchange", () => this.draw());
    video.addEventListener("progress", () => this.drawBuffer());
    video.addEventListener("waiting", () => root.classList.add("waiting"));
    for (const done of ["playing", "canplay", "seeked", "error"]) video.addEventListener(done, () => root.classList.remove("waiting"));
    video.addEventListener("volumechange", () => choose("volume", Math.round(video.volume * 100) / 100));
    video.addEventListener("volumechange", () => this.face(this.muteButton, video.muted ? "player.unmute" : "player.mute", video.muted ? icon("volume-off") : icon("volume")));
    video.addEventListener("error", () => {
      if (video.error && video.getAttribute("src")) this.fail(video.error.code === MediaError.MEDIA_ERR_NETWORK);
    });

    const at = (event: PointerEvent) => {
      const box = timeline.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.duration();
    };
    timeline.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      timeline.setPointerCapture(event.pointerId);
      this.seek(at(event));
    });
    timeline.addEventListener("pointermove", (event) => {
      const where = at(event);
      this.tip.classList.add("on");
      const point = this.pointAt(where);
      this.words.textContent = point ? `${clock(where)}  ${point.title}` : clock(where);
      this.thumbnails.show(this.picture, where);
      const half = Math.max(40, this.tip.offsetWidth / 2);
      this.tip.style.left = `clamp(${half}px, ${this.share(where)}%, calc(100% - ${half}px))`;
      if (this.dragging) this.seek(where);
    });
    timeline.addEventListener("pointerup", () => (this.dragging = false));
    timeline.addEventListener("pointerleave", () => this.tip.classList.remove("on"));

    // Single keys act only while the focus is in the player: elsewhere they belong to the page and to assistive software.
    root.addEventListener("keydown", (event) => this.key(event));
    // Links and lines elsewhere on the page that lead to a second of this video.
    document.addEventListener("click", (event) => {
      const target = event.target as Element;
      const place = target.closest<HTMLElement>("[data-seek], [data-transcript] [data-start]");
      const go = target.closest("[data-player-continue]");
      if (go) {
        event.preventDefault();
        this.continueUnwatched();
      } else if (place && Player.current() === this && !(place.dataset["seek"] === undefined && getSelection()?.toString())) {
        event.preventDefault();
        this.seek(Number(place.dataset["seek"] ?? place.dataset["start"]));
        void video.play().catch(() => undefined);
      }
    });
    setInterval(() => {
      this.pausePart();
      void this.queue?.send();
    }, 15_000);
    const leave = () => {
      this.pausePart();
      this.keepPlace();
      this.queue?.leave();
    };
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") leave(); // the last certain moment on a phone
    });
    void this.queue?.send(); // what an earlier visit could not send
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (/^(input|textarea|select)$/i.test(target.tagName)) return;
    const onButton = target.tagName === "BUTTON";
    const v = this.video;
    const acts: Record<string, () => void> = {
      k: () => this.toggle(),
      j: () => this.seek(v.currentTime - 10),
      l: () => this.seek(v.currentTime + 10),
      ArrowLeft: () => this.seek(v.currentTime - 5),
      ArrowRight: () => this.seek(v.currentTime + 5),
      ArrowUp: () => this.louder(0.1),
      ArrowDown: () => this.louder(-0.1),
      Home: () => this.seek(0),
      End: () => this.seek(this.duration() - 0.5),
      m: () => (v.muted = !v.muted),
      f: () => this.fullscreen(),
      c: () => this.cycleCaptions(),
      i: () => this.float(),
      "?": () => toggleHelp(this.stage),
      n: () => this.skip(1),
      p: () => this.skip(-1),
      ">": () => this.stepSpeed(1),
      "<": () => this.stepSpeed(-1),
    };
    if (event.key === " " && !onButton) acts[" "] = () => this.toggle();
    if (/^\d$/.test(event.key)) acts[event.key] = () => this.seek((this.duration() * Number(event.key)) / 10);
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private face(button: HTMLButtonElement, word: string, sign: SVGElement): void {
    button.setAttribute("aria-label", t(word));
    button.title = t(word);
    button.replaceChildren(sign);
  }

  /** Only what comes through our own buffers may pass the mixer; a foreign address would fall silent there. */
  private hear(): void {
    if (!this.sound && this.hls) this.sound = level(this.video, Number(this.root.dataset["gain"] ?? "0"));
    else void this.sound?.resume();
  }

  toggle(): void {
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  seek(to: number): void {
    if (!Number.isFinite(to)) return;
    this.video.currentTime = Math.max(0, Math.min(to, this.duration() || to));
    this.draw();
  }

  private skip(direction: 1 | -1): void {
    const now = this.video.currentTime;
    const starts = this.points.map((p) => p.start);
    const to = direction > 0 ? starts.find((s) => s > now + 0.5) : starts.filter((s) => s < now - 2).pop() ?? 0;
    if (to !== undefined) this.seek(to);
  }

  continueUnwatched(): void {
    const gap = firstGap(this.allWatched(), this.duration());
    const now = this.video.currentTime;
    // Where one stands is the better place if it is itself unwatched.
    const stay = now > 1 && covered(this.allWatched(), now, now + 2) < 0.5;
    if (!stay && gap !== null) this.seek(gap);
    void this.video.play().catch(() => undefined);
    this.root.scrollIntoView({ block: "nearest" });
    this.playButton.focus({ preventScroll: true });
  }

  private louder(by: number): void {
    this.video.volume = Math.max(0, Math.min(1, this.video.volume + by));
    if (by > 0) this.video.muted = false;
    this.hint(t("player.volume", { percent: Math.round(100 * this.video.volume) }), 1200);
  }

  private setSpeed(speed: number): void {
    choose("speed", speed);
    this.video.playbackRate = speed;
  }

  private stepSpeed(step: 1 | -1): void {
    const at = SPEEDS.indexOf(this.video.playbackRate);
    const speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (at < 0 ? 1 : at) + step))]!;
    this.setSpeed(speed);
    const button = all<HTMLButtonElement>(".kk-ctl .m > button", this.root)[0];
    if (button) this.facet(button, t("player.speed"), `${speed}×`);
    announce(`${t("player.speed")} ${speed}×`);
  }

  private cycleCaptions(): void {
    const order = ["off", ...this.captions.map((c) => c.lang)];
    const next = order[(order.indexOf(this.captionLang()) + 1) % order.length] ?? "off";
    choose("captions", next);
    this.chooseCaption(next);
    announce(next === "off" ? t("player.captionsOff") : (this.captions.find((c) => c.lang === next)?.label ?? next));
  }

  private fullscreen(): void {
    const video = this.video as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.root.requestFullscreen) void this.root.requestFullscreen().catch(() => undefined);
    else video.webkitEnterFullscreen?.(); // iPhone shows only the video itself full screen
  }

  // ---- What was watched

  private tick(): void {
    const v = this.video;
    const now = v.currentTime;
    if (!v.paused && !v.seeking) {
      const step = now - this.lastAt;
      // A larger step than playing allows is a jump: the seconds between were not seen.
      if (step < 0 || step > 2 * v.playbackRate + 0.5) this.pausePart(this.lastAt);
      this.openFrom ??= step > 0 && step <= 2 * v.playbackRate + 0.5 ? this.lastAt : now;
      this.lastAt = now;
    }
    this.draw();
  }

  /** Close the part being watched and hand it to the queue. */
  private pausePart(until = this.video.currentTime): void {
    const from = this.openFrom;
    this.openFrom = null;
    if (from === null) return;
    const to = Math.min(Math.max(until, from), this.duration() || until);
    if (!this.video.seeking) this.lastAt = to;
    if (to - from < 0.5) return;
    this.watched = union([...this.watched, [from, to]]);
    const d = this.root.dataset;
    this.queue?.add({
      verb: "watched",
      resource: d["resource"],
      version: d["version"] || undefined,
      lesson: d["lesson"] || undefined,
      course: d["course"] || undefined,
      from_s: Math.round(from * 10) / 10,
      to_s: Math.round(to * 10) / 10,
      speed: this.video.playbackRate,
      sitting: this.sitting,
      context: d["context"] || undefined,
    });
  }

  private allWatched(): Range[] {
    return this.openFrom === null ? this.watched : union([...this.watched, [this.openFrom, Math.max(this.openFrom, this.video.currentTime)]]);
  }

  // ---- Drawing what changes

  private duration(): number {
    return Number.isFinite(this.video.duration) ? this.video.duration : Number(this.root.dataset["duration"] ?? "0");
  }

  private share(seconds: number): number {
    const whole = this.duration();
    return whole > 0 ? Math.max(0, Math.min(100, (100 * seconds) / whole)) : 0;
  }

  private pointAt(seconds: number): Point | undefined {
    const begun = this.points.filter((p) => p.start <= seconds + 0.01);
    return begun.filter((p) => p.end === undefined || seconds < p.end).pop();
  }

  private drawBuffer(): void {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime + 1 && buffered.end(i) >= currentTime) this.buffered.style.width = `${this.share(buffered.end(i))}%`;
  }

  private marked = false;

  private drawMarks(): void {
    if (this.marked || this.duration() <= 0) return;
    this.marked = true;
    this.own.draw();
    for (const point of this.points) {
      const mark = make("span", { class: "seg" });
      mark.style.left = `${this.share(point.start)}%`;
      this.timeline.insertBefore(mark, this.head);
      const range = make("i", {});
      range.style.left = `${this.share(point.start)}%`;
      range.style.width = `${this.share(point.end ?? point.start) - this.share(point.start)}%`;
      if (point.end) this.ranges.append(range);
    }
    for (const question of this.questions) {
      const mark = make("button", { type: "button", class: "q", "aria-label": t("player.question", { at: clock(question.at) }), title: t("player.question", { at: clock(question.at) }) }, make("span", { "aria-hidden": "true" }, question.done ? "✓" : "?"));
      mark.style.left = `${this.share(question.at)}%`;
      mark.onclick = () => this.seek(question.at);
      this.track.append(mark);
    }
  }

  private draw(): void {
    const now = this.video.currentTime;
    const whole = this.duration();
    this.drawMarks();
    this.head.style.left = `${this.share(now)}%`;
    this.time.textContent = `${clock(now)} / ${clock(whole)}`;
    this.timeline.setAttribute("aria-valuemax", String(Math.round(whole)));
    this.timeline.setAttribute("aria-valuenow", String(Math.round(now)));
    this.timeline.setAttribute("aria-valuetext", t("player.positionText", { now: clock(now), total: clock(whole) }));
    const parts = this.allWatched();
    while (this.seen.childElementCount < parts.length) this.seen.append(make("span", { class: "w" }));
    while (this.seen.childElementCount > parts.length) this.seen.lastElementChild?.remove();
    parts.forEach(([from, to], i) => {
      const bar = this.seen.children[i] as HTMLElement;
      bar.style.left = `${this.share(from)}%`;
      bar.style.width = `${this.share(to) - this.share(from)}%`;
    });
    if (this.written) this.drawWritten();
    this.wave?.draw();
    if (Player.current() === this) this.drawPage(now, parts);
  }

  /** The rest of the page: point bars under the video, the transcript's current line, labels that name the present second. */
  private drawPage(now: number, parts: Range[]): void {
    for (const place of all("[data-player-now]")) if (place.textContent !== clock(now)) place.textContent = clock(now);
    for (const bar of all("[data-point-start]")) {
      const from = Number(bar.dataset["pointStart"]);
      const to = Number(bar.dataset["pointEnd"] ?? this.duration());
      const share = to > from ? covered(parts, from, to) / (to - from) : 0;
      bar.classList.toggle("seen", share > 0.95);
      bar.classList.toggle("part", share > 0 && share <= 0.95);
      bar.style.setProperty("--p", `${Math.round(share * 100)}%`);
      if (now >= from && now < to) bar.setAttribute("aria-current", "true");
      else bar.removeAttribute("aria-current");
    }
    follow(now);
  }

  // ---- Which of several players the page's links mean: the one used last, else the first.
  private static readonly players: Player[] = [];
  private static used: Player | null = null;

  static current(): Player | undefined {
    return Player.used ?? Player.players[0];
  }

  /** What the panel beside a lesson knows of the recording on its page. */
  static mark(marks: OwnMark[]): void {
    Player.players[0]?.own.show(marks);
  }

  static start(root: HTMLElement): void {
    if (root.dataset["playerReady"]) return;
    root.dataset["playerReady"] = "yes";
    const player = new Player(root);
    Player.players.push(player);
    player.video.addEventListener("play", () => {
      Player.used = player;
      const together = root.closest("[data-together]"); // two versions that are compared play at once
      for (const other of Player.players) if (other !== player && !together?.contains(other.root)) other.video.pause();
    });
  }
}

document.addEventListener("keku:marks", (event) => Player.mark((event as CustomEvent<OwnMark[]>).detail));
listenToTranscripts((to) => Player.current()?.seek(to));

const begin = (root: ParentNode) => all("[data-player]", root).forEach((element) => Player.start(element));
begin(document);
document.addEventListener("htmx:afterSwap", (event) => begin(event.target as HTMLElement));
