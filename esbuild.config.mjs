// Builds assets/ into static/dist: modules, one stylesheet, one icon sprite, and the manifest that courseware/web/assets.py reads.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const OUT = "static/dist";
const TARGET = ["chrome91", "firefox91", "safari14.1"]; // older Chromium kernels are common on campus machines
const PDF_TARGET = ["chrome92", "firefox90", "safari15"]; // as far back as pdf.js goes; older ones show PDFs by themselves
const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();

async function walk(folder, ends) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(full, ends)));
    else if (ends.some((end) => entry.name.endsWith(end))) found.push(full);
  }
  return found.sort();
}

// ---- Icons: only names that are written somewhere reach the sprite; a name that does not exist stops the build.
const ICON_PATTERNS = [
  /\bicon\(\s*["']([a-z0-9-]+)["']/g, // icon("check") in templates and scripts
  /\bicon_(?:name|end)\s*=\s*["']([a-z0-9-]+)["']/g, // button(..., icon_name="check")
  /\bicon_button\(\s*(?:_\([^()]*\)|"[^"]*"|'[^']*')\s*,\s*["']([a-z0-9-]+)["']/g,
  /["']?\bicon["']?\s*[:=]\s*["']([a-z0-9-]+)["']/g, // {"icon": "gauge"}, icon="gauge" for navigation, also in Python
  /\bdata-icon="([a-z0-9-]+)"/g,
];

async function iconNames() {
  const files = [
    ...(await walk("templates", [".html"])),
    ...(await walk("assets/ts", [".ts"])),
    ...(await walk("courseware", [".py", ".html"])),
  ];
  const where = new Map();
  for (const file of files) {
    const text = (await readFile(file, "utf8")).replace(/\{#.*?#\}/gs, "");
    for (const pattern of ICON_PATTERNS)
      for (const match of text.matchAll(pattern)) if (!where.has(match[1])) where.set(match[1], file);
  }
  return where;
}

async function svgOf(name) {
  const places = name.startsWith("kk-")
    ? [`assets/icons/${name}.svg`]
    : name.endsWith("-filled")
      ? [`node_modules/@tabler/icons/icons/filled/${name.slice(0, -7)}.svg`]
      : [`node_modules/@tabler/icons/icons/outline/${name}.svg`];
  for (const place of places) {
    const text = await readFile(place, "utf8").catch(() => null);
    if (text !== null) return text;
  }
  return null;
}

async function sprite() {
  const symbols = [];
  const missing = [];
  for (const [name, file] of [...(await iconNames())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const svg = await svgOf(name);
    if (svg === null) {
      missing.push(`  ${name} (in ${file})`);
      continue;
    }
    const box = /viewBox="([^"]+)"/.exec(svg)[1];
    const own = ["fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"]
      .map((key) => [key, new RegExp(`<svg[^>]*\\s${key}="([^"]+)"`).exec(svg)?.[1]])
      .filter(([, value]) => value)
      .map(([key, value]) => ` ${key}="${value}"`)
      .join("");
    const inner = svg
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s+/g, " ")
      .trim();
    symbols.push(`<symbol id="${name}" viewBox="${box}"${own}>${inner}</symbol>`);
  }
  if (missing.length) throw new Error(`These icons do not exist:\n${missing.join("\n")}`);
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

// ---- Tabler: the whole is 620 KB; only rules whose classes appear in our pages and scripts are kept.
// Words are taken from tag names, class attributes and quoted strings of templates, and from quoted strings of scripts; prose does not count.
function wordsOf(file, text) {
  const parts = [];
  if (file.endsWith(".html")) {
    for (const match of text.matchAll(/<([a-z][a-z0-9]*)/g)) parts.push(match[1]);
    for (const match of text.matchAll(/\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"/gs)) parts.push(match[1]);
    for (const match of text.matchAll(/\{[{%](.*?)[%}]\}/gs)) for (const quoted of match[1].matchAll(/"([a-z0-9 _-]+)"|'([a-z0-9 _-]+)'/g)) parts.push(quoted[1] ?? quoted[2]);
  } else {
    for (const match of text.matchAll(/"([a-z0-9 _.-]+)"|`([^`]*)`/g)) parts.push(match[1] ?? match[2]);
  }
  return parts.flatMap((part) => part.split(/[^A-Za-z0-9_-]+/)).filter(Boolean);
}

const tablerSubset = {
  name: "tabler-subset",
  setup(build) {
    build.onResolve({ filter: /^tabler-subset$/ }, () => ({ path: "tabler-subset", namespace: "tabler" }));
    build.onLoad({ filter: /.*/, namespace: "tabler" }, async () => {
      const used = new Set(["is-invalid", "visually-hidden", "html", "body", "root"]);
      for (const file of [...(await walk("templates", [".html"])), ...(await walk("assets/ts", [".ts"]))])
        for (const word of wordsOf(file, await readFile(file, "utf8"))) used.add(word);
      const [result] = await new PurgeCSS().purge({
        content: [{ raw: [...used].join(" "), extension: "txt" }],
        css: ["node_modules/@tabler/core/dist/css/tabler.min.css"],
        defaultExtractor: (text) => text.split(" "),
        variables: true,
        keyframes: true,
        fontFace: true,
        safelist: { variables: [/^--tblr-(font|body|bg-|border|primary|link|btn|focus|form|secondary|danger)/] },
      });
      return { contents: result.css, loader: "css", resolveDir: process.cwd() };
    });
  },
};

const MODULES = [
  "main", "player", "review", "uploader", "lesson_board", "course_outline", "standard_editor", "knowledge_map",
  "charts", "editor", "caption_editor", "attention", "search", "learn", "guidance", "watching",
];

// ---- What pdf.js reads at run time: tables of Chinese, Japanese and Korean encodings, the fonts every PDF may count on, and
// a decoder in plain script (WebAssembly would need a weaker content policy). One folder, named by what is in it.
const PDFJS = "node_modules/pdfjs-dist";

async function pdfData() {
  const found = new Map();
  for (const [folder, ends] of [["cmaps", [".bcmap"]], ["standard_fonts", [".pfb", ".ttf"]], ["wasm", ["_fallback.js"]]])
    for (const file of await walk(path.join(PDFJS, folder), ends)) found.set(path.relative(PDFJS, file), await readFile(file));
  const name = `pdf-${hash(Buffer.concat([...found].flatMap(([file, contents]) => [Buffer.from(file), contents])))}`;
  return { name, found };
}

async function build() {
  const begun = Date.now();
  const common = { bundle: true, minify: true, write: false, metafile: true, target: TARGET, outdir: OUT, entryNames: "[name]-[hash]", chunkNames: "chunk-[name]-[hash]", assetNames: "[name]-[hash]", legalComments: "external", logLevel: "warning" };
  const results = await Promise.all([
    esbuild.build({ ...common, entryPoints: MODULES.map((name) => `assets/ts/${name}.ts`), format: "esm", splitting: true, sourcemap: "linked" }),
    esbuild.build({ ...common, entryPoints: ["assets/ts/theme.ts", "assets/ts/upload_worker.ts", "assets/ts/service_worker.ts", "assets/ts/offline.ts"], format: "iife" }),
    esbuild.build({ ...common, entryPoints: ["assets/ts/pdf_worker.ts"], format: "esm", target: PDF_TARGET }),
    esbuild.build({ ...common, entryPoints: ["assets/css/offline.css"], legalComments: "none" }),
    esbuild.build({ ...common, entryPoints: ["assets/css/app.css"], plugins: [tablerSubset], loader: { ".svg": "dataurl" } }),
  ]);
  const files = {};
  const preloads = {};
  const written = new Map();
  for (const { outputFiles, metafile } of results) {
    for (const file of outputFiles) written.set(path.basename(file.path), file.contents);
    for (const [out, meta] of Object.entries(metafile.outputs)) {
      if (!meta.entryPoint || out.endsWith(".map")) continue;
      const entry = meta.entryPoint;
      if (!entry.startsWith("assets/") || entry.startsWith("assets/ts/lib/")) continue; // a lazily loaded library is found by its importer
      const name = path.basename(entry).replace(/\.ts$/, ".js");
      files[name] = `dist/${path.basename(out)}`;
      const shared = meta.imports.filter((i) => i.kind === "import-statement" && !i.external).map((i) => `dist/${path.basename(i.path)}`);
      if (shared.length) preloads[name] = shared;
    }
  }
  const icons = await sprite();
  const iconFile = `icons-${hash(icons)}.svg`;
  written.set(iconFile, icons);
  files["icons.svg"] = `dist/${iconFile}`;

  const pdf = await pdfData();
  for (const [name, contents] of pdf.found) written.set(`${pdf.name}/${name}`, contents);
  files["pdf"] = `dist/${pdf.name}`;

  // A packed copy beside each text: courseware/web/static_files.py and nginx (gzip_static) send it to browsers that take it.
  for (const [name, contents] of [...written]) if (/\.(js|css|svg)$/.test(name) && contents.length > 1024) written.set(`${name}.gz`, gzipSync(contents, { level: 9 }));

  await mkdir(OUT, { recursive: true });
  for (const folder of ["cmaps", "standard_fonts", "wasm"]) await mkdir(path.join(OUT, pdf.name, folder), { recursive: true });
  for (const [name, contents] of written) await writeFile(path.join(OUT, name), contents);
  // The manifest moves into place last and at once: a running site never reads half of it.
  await writeFile(path.join(OUT, "manifest.json.new"), `${JSON.stringify({ files, preloads }, null, 1)}\n`);
  await rename(path.join(OUT, "manifest.json.new"), path.join(OUT, "manifest.json"));
  for (const name of await readdir(OUT)) if (!written.has(name) && name !== pdf.name && name !== "manifest.json") await rm(path.join(OUT, name), { force: true, recursive: true });
  for (const [name, file] of Object.entries(files)) if (written.has(path.basename(file))) console.log(`${name.padEnd(20)} ${file.padEnd(36)} ${(Buffer.byteLength(written.get(path.basename(file))) / 1024).toFixed(1).padStart(7)} KB`);
  console.log(`built in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 150);
  };
  for (const folder of ["assets", "templates"]) watch(folder, { recursive: true }, again);
}
