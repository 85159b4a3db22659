"""How smooth a page is: the time between frames and long tasks, while somebody does something with it.

Measured in the page itself on a processor that is four times slower, as a phone's is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page

SLOWER = 4
_SETTLE_MS = 200
_START = """() => {
  const seen = { deltas: [], tasks: [], on: true };
  window.framesSeen = seen;
  const keep = (entries) => seen.tasks.push(...entries.map((entry) => entry.duration));
  seen.keep = keep;
  seen.observer = new PerformanceObserver((list) => keep(list.getEntries()));
  seen.observer.observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => {
    seen.deltas.push(now - last);
    last = now;
    if (seen.on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
_STOP = """() => {
  const seen = window.framesSeen;
  seen.on = false;
  seen.keep(seen.observer.takeRecords());
  seen.observer.disconnect();
  return { deltas: seen.deltas, tasks: seen.tasks };
}"""


# Over when the browser has styled and drawn all that was asked for before.
_TWO_FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
# Plain arithmetic that takes 140 ms on this slow processor when nobody else is at work.
_YARDSTICK = """() => {
  const begin = performance.now();
  let x = 0;
  for (let i = 0; i < 5e6; i++) x = (x * 31 + i) | 0;
  window.yardstick = x;
  return performance.now() - begin;
}"""
_YARDSTICK_MS, _YARDSTICKS = 140.0, 7


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Milliseconds between frames, and of tasks that took over 50; no task is 0.

    `crowded` says how many times slower the processor was than it is when nobody else is at work, at least 1.
    """

    deltas: tuple[float, ...]
    tasks: tuple[float, ...]
    crowded: float

    @property
    def median(self) -> float:
        """The time between two frames, as a rule."""
        return median(self.deltas)

    @property
    def worst(self) -> float:
        """The longest time that the page stood still."""
        return max(self.deltas)

    @property
    def longest_task(self) -> float:
        """The longest task, which is what a finger waits for."""
        return max(self.tasks, default=0.0)


class Slowed:
    """A page on a slow processor, and a finger on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def frames(self, deed: Callable[[], object]) -> Frames:
        """Return what the page's frames were while a deed was done."""
        before = self._yardstick()
        self.page.evaluate(_START)
        deed()
        # What the deed set off is part of it.
        self.page.wait_for_timeout(_SETTLE_MS)
        seen = self.page.evaluate(_STOP)
        crowded = max(1.0, before / _YARDSTICK_MS, self._yardstick() / _YARDSTICK_MS)
        return Frames(deltas=tuple(seen["deltas"]), tasks=tuple(seen["tasks"]), crowded=crowded)

    def styled(self, deed: Callable[[], object]) -> int:
        """Return how many elements the browser styled in one go at most while a deed was done."""
        browser = self.page.context.browser
        assert browser
        devtools = browser.new_browser_cdp_session()
        seen: list[dict[str, Any]] = []
        ended: list[bool] = []
        devtools.on("Tracing.dataCollected", lambda part: seen.extend(part["value"]))
        devtools.on("Tracing.tracingComplete", lambda _part: ended.append(True))
        categories = {"includedCategories": ["devtools.timeline"]}
        devtools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": categories})
        # The page's own process begins to write down a moment later, and on a busy machine draws late.
        self.page.evaluate(_TWO_FRAMES)
        deed()
        self.page.evaluate(_TWO_FRAMES)
        devtools.send("Tracing.end")
        while not ended:
            self.page.wait_for_timeout(_SETTLE_MS)
        devtools.detach()
        return max(
            (one["args"].get("elementCount", 0) for one in seen if one["name"] == "UpdateLayoutTree"),
            default=0,
        )

    def _yardstick(self) -> float:
        return median(float(self.page.evaluate(_YARDSTICK)) for _ in range(_YARDSTICKS))

    def pan(self, distance: int = 500) -> None:
        """Push the map to and fro with a finger."""
        x, y = self._middle()
        for way in (-distance, distance):
            self._devtools.send(
                "Input.synthesizeScrollGesture",
                {
                    "x": x,
                    "y": y,
                    "xDistance": way / 2,
                    "yDistance": way,
                    "speed": 1200,
                    "gestureSourceType": "touch",
                },
            )

    def pinch(self, scale: float) -> None:
        """Zoom with two fingers."""
        x, y = self._middle()
        self._devtools.send(
            "Input.synthesizePinchGesture",
            {"x": x, "y": y, "scaleFactor": scale, "relativeSpeed": 600, "gestureSourceType": "touch"},
        )

    def spot(self, place: str) -> tuple[float, float]:
        """Return where a seat is on the screen."""
        box = (
            self.page.locator("label.seat")
            .filter(has=self.page.locator(f'input[value="{place}"]'))
            .bounding_box()
        )
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def close(self) -> None:
        """Give the processor back."""
        self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        self._devtools.detach()

    def _middle(self) -> tuple[float, float]:
        box = self.page.locator(".mapbox").bounding_box()
        assert box
        return box["x"] + box["width"] / 2, max(box["y"], 0) + min(box["height"], 500) / 2
