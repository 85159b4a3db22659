/** What a page says to a waiting service worker when the usher has agreed to its version. */
export const TAKE_OVER = "take over";
