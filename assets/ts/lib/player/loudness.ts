// Recordings of different loudness are brought to one: the server measured by how many decibels, the browser applies it.
const MOST_DB = 12;

/** Changes the volume of `media` by `db` from now on; a limiter keeps what is raised from clipping. Needs a gesture before. */
export function level(media: HTMLMediaElement, db: number): AudioContext | null {
  if (!Number.isFinite(db) || Math.abs(db) < 0.5 || typeof AudioContext !== "function") return null;
  try {
    const context = new AudioContext();
    const gain = context.createGain();
    gain.gain.value = 10 ** (Math.max(-MOST_DB, Math.min(MOST_DB, db)) / 20);
    const last = db > 0 ? context.createDynamicsCompressor() : gain;
    if (last !== gain) {
      const limiter = last as DynamicsCompressorNode;
      [limiter.threshold.value, limiter.knee.value, limiter.ratio.value, limiter.attack.value] = [-2, 0, 20, 0.003];
      gain.connect(limiter);
    }
    context.createMediaElementSource(media).connect(gain);
    last.connect(context.destination);
    void context.resume();
    return context;
  } catch {
    return null; // some browsers allow one source an element, or none: then it plays as it is
  }
}
