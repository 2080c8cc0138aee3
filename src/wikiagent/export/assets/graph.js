// The link graph: a page under the pointer or the focus shows what it is linked with; words in a box find pages.
"use strict";

for (const svg of document.querySelectorAll("svg.links")) {
  const nodes = new Map([...svg.querySelectorAll(".node")].map((node) => [node.dataset.node, node]));
  const edges = [...svg.querySelectorAll(".edge")];

  const show = (chosen) => {
    const on = new Set(chosen);
    svg.classList.toggle("active", on.size > 0);
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      const touched = chosen.has(from) || chosen.has(to);
      edge.classList.toggle("on", touched);
      if (touched) on.add(from).add(to);
    }
    for (const [number, node] of nodes) node.classList.toggle("on", on.has(number));
  };

  const box = document.querySelector("#filter");
  const found = () => {
    const words = box ? box.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
    if (!words.length) return new Set();
    const fits = (node) => words.every((word) => node.textContent.toLowerCase().includes(word));
    return new Set([...nodes].filter(([, node]) => fits(node)).map(([number]) => number));
  };
  const over = (event) => {
    const node = event.target.closest(".node");
    show(node ? new Set([node.dataset.node]) : found());
  };
  for (const kind of ["mouseover", "focusin"]) svg.addEventListener(kind, over);
  for (const kind of ["mouseleave", "focusout"]) svg.addEventListener(kind, () => show(found()));
  if (box) box.addEventListener("input", () => {
    const chosen = found();
    show(chosen);
    const first = chosen.size ? nodes.get([...chosen][0]) : null;
    if (first) first.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.querySelector("#filtered").textContent = box.value.trim() ? `${chosen.size} found` : "";
  });
}
