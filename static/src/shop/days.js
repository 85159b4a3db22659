/** Marks the day that is being read in the tabs. */
export function startDays() {
  const tabs = new Map();
  for (const link of document.querySelectorAll('.tabs a[href^="#"]')) tabs.set(link.getAttribute("href")?.slice(1), link);
  const days = [...document.querySelectorAll(".day")].filter((day) => tabs.has(day.id));
  if (!days.length) return;
  const observer = new IntersectionObserver(
    (entries) => {
      const reading = entries.find((entry) => entry.isIntersecting);
      if (!reading) return;
      for (const [id, link] of tabs) {
        if (id === reading.target.id) link.setAttribute("aria-current", "date");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-25% 0px -70% 0px" },
  );
  for (const day of days) observer.observe(day);
}
