/** The scanner's own files: address below /scanner/ and `sha256-…` of the content. Put in by static/build.mjs. */
declare const SHELL: readonly { path: string; integrity: string }[];
