// Builds what browsers get: static/dist (hashed names and a manifest) and scanner/dist (fixed names: its
// service worker keeps the files by their content).
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const fontPackage = join(modules, "@fontsource-variable", "golos-text");
const staticSources = join(root, "static", "src");
const scannerSources = join(root, "scanner", "src");
// The other style sheets are parts, imported by these.
const STYLE_ENTRIES = ["app.css", "staff.css", "style.css"];
// What the scanner's page is made of besides what is built; "./" is the page itself.
const SCANNER_FILES = { "./": "index.html", "manifest.webmanifest": "manifest.webmanifest", "icons/icon.svg": "icons/icon.svg" };
const BROWSERS = ["chrome111", "firefox114", "safari16.4"];

/** Lets a style sheet say `@import "golos-text"`, and finds the font's files wherever they are named. */
const golosText = {
  name: "golos-text",
  setup(build) {
    build.onResolve({ filter: /^golos-text$/ }, () => ({ path: "index.css", namespace: "golos-text" }));
    build.onResolve({ filter: /golos-text-[a-z-]+\.woff2$/ }, ({ path }) => ({
      path: join(fontPackage, "files", basename(path)),
    }));
    build.onLoad({ filter: /.*/, namespace: "golos-text" }, async () => {
      const css = await readFile(join(fontPackage, "index.css"), "utf8");
      const plain = css.replaceAll("'Golos Text Variable'", '"Golos Text"').replaceAll("woff2-variations", "woff2");
      return { contents: plain, loader: "css" };
    });
  },
};

/** Says what the classes of the seat map's views do once more for browsers without scripts, which set no classes. */
const views = {
  name: "views",
  setup(build) {
    const chosen = (view) => `.hallview__tools:has(#view-${view}:checked) ~ .mapbox`;
    build.onLoad({ filter: /audience.views\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const without = css.replaceAll(".mapbox.is-whole", chosen("all")).replaceAll(".mapbox.is-list", chosen("list"));
      return { contents: `${css}\n@media (scripting: none) {\n${without}\n}`, loader: "css" };
    });
  },
};

const common = {
  bundle: true,
  minify: true,
  format: "esm",
  target: BROWSERS,
  legalComments: "none",
  // Escapes of Kazakh and Russian letters are longer, packed too.
  charset: "utf8",
  logLevel: "warning",
  absWorkingDir: root,
  loader: { ".woff2": "file" },
  metafile: true,
  plugins: [golosText, views],
};

/** @param {string} path @param {Uint8Array} contents */
function report(path, contents) {
  const size = (gzipSync(contents, { level: 9 }).length / 1024).toFixed(1);
  console.log(`  ${path.padEnd(40)} ${size.padStart(6)} KB gzip`);
}

/** Puts a compressed copy beside each file that a browser gets as text or as code: built.py sends it. */
async function compressed(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\.(css|js|wasm)$/.test(name)) continue;
    const path = join(folder, name);
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
  }
}

/** Runs `fill` on a fresh folder, then puts it in place: a running server never reads half a build. */
async function replaced(folder, fill) {
  const fresh = `${folder}.new`;
  const old = `${folder}.old`;
  await Promise.all([fresh, old].map((path) => rm(path, { recursive: true, force: true })));
  await mkdir(fresh, { recursive: true });
  await fill(fresh);
  await compressed(fresh);
  await rename(folder, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

/** @param {esbuild.Metafile} metafile @param {string} fresh @param {string} folder */
async function reportBundles(metafile, fresh, folder) {
  for (const path of Object.keys(metafile.outputs).sort()) {
    const contents = await readFile(join(root, path));
    if (!path.endsWith(".woff2")) report(relative(root, join(folder, relative(fresh, join(root, path)))), contents);
  }
}

/** The list of the scanner's files with hashes as a browser checks them. @param {string} fresh what was built */
async function shellOf(fresh) {
  const built = (await readdir(fresh, { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort();
  const files = [
    ...Object.entries(SCANNER_FILES).map(([path, name]) => ({ path, file: join(root, "scanner", name) })),
    ...built.map((name) => ({ path: `dist/${name}`, file: join(fresh, name) })),
  ];
  const hashed = async ({ path, file }) => {
    const hash = createHash("sha256").update(await readFile(file)).digest("base64");
    return { path, integrity: `sha256-${hash}` };
  };
  return Promise.all(files.map(hashed));
}

await replaced(join(root, "static", "dist"), async (fresh) => {
  const scripts = (await readdir(staticSources)).filter((name) => name.endsWith(".js"));
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: [...STYLE_ENTRIES, ...scripts].map((name) => join(staticSources, name)),
    entryNames: "[name]-[hash]",
    assetNames: "fonts/[name]-[hash]",
    outdir: fresh,
  });
  const manifest = {};
  for (const [path, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    const source = entryPoint ?? Object.keys(inputs)[0];
    manifest[basename(source)] = relative(fresh, join(root, path));
  }
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  await reportBundles(metafile, fresh, join(root, "static", "dist"));
});

await replaced(join(root, "scanner", "dist"), async (fresh) => {
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: {
      app: join(scannerSources, "main.js"),
      "decode-worker": join(scannerSources, "decode-worker.js"),
      ed25519: join(scannerSources, "ed25519.js"),
      scanner: join(scannerSources, "scanner.css"),
    },
    assetNames: "fonts/[name]",
    // Loaded only where the browser has no Ed25519 of its own.
    external: ["./ed25519.js"],
    outdir: fresh,
  });
  await reportBundles(metafile, fresh, join(root, "scanner", "dist"));
  const wasm = await readFile(join(modules, "zxing-wasm", "dist", "reader", "zxing_reader.wasm"));
  await writeFile(join(fresh, "zxing_reader.wasm"), wasm);
  report("scanner/dist/zxing_reader.wasm", wasm);
  // Last, for it holds the list of all the others.
  const worker = await esbuild.build({
    ...common,
    format: "iife",
    entryPoints: [join(scannerSources, "sw.js")],
    define: { SHELL: JSON.stringify(await shellOf(fresh)) },
    outdir: fresh,
  });
  await reportBundles(worker.metafile, fresh, join(root, "scanner", "dist"));
});
