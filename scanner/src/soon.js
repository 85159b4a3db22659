/**
 * Makes a piece of work that can be asked for again and again: it is done once, when the running task and its promises
 * have brought all that they bring. A frame would be too late, and a hidden page has none.
 *
 * @param {() => void} work
 * @returns {() => void}
 */
export function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    setTimeout(() => {
      asked = false;
      work();
    });
  };
}
