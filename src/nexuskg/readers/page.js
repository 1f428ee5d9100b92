"use strict";
// Marks live in the form; every change is kept in this browser, and a button saves them as a file.
(() => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const form = document.getElementById("marks");
  const all = (selector, within) => [...(within || form).querySelectorAll(selector)];
  const told = document.getElementById("told");
  const reader = form.elements.namedItem("reader");
  const date = form.elements.namedItem("date");

  const chosen = (node, name) => all(`input[data-of="${name}"]:checked`, node).map((box) => box.value);
  const claims = all(".claim");
  const places = all(".place-mark");

  // ---- from the form to marks, and back
  function marks() {
    return {
      format: page.format,
      reader: reader.value.trim(),
      date: date.value,
      sources: page.sources,
      claims: claims.map((node) => ({
        claim: node.dataset.claim,
        state: node.dataset.state,
        mark: chosen(node, "mark")[0] || "",
        wrong: chosen(node, "wrong"),
        unsure: chosen(node, "unsure"),
        remark: node.querySelector("textarea").value.trim(),
      })),
      places: places.map((node) => ({
        place: node.dataset.place,
        mark: chosen(node, "mark")[0] || "",
        missing: node.querySelector("textarea").value.split("\n").map((line) => line.trim()).filter(Boolean),
      })),
    };
  }

  function show(kept) {
    const byClaim = new Map((kept.claims || []).map((one) => [one.claim, one]));
    const byPlace = new Map((kept.places || []).map((one) => [one.place, one]));
    let changed = 0;
    reader.value = kept.reader || "";
    if (kept.date) date.value = kept.date;
    for (const node of claims) {
      let one = byClaim.get(node.dataset.claim) || {};
      if (one.state && one.state !== node.dataset.state) {
        changed += one.mark ? 1 : 0;
        one = {};
      }
      for (const box of all("input", node)) {
        const said = box.dataset.of === "mark" ? [one.mark] : one[box.dataset.of] || [];
        box.checked = said.includes(box.value);
      }
      node.querySelector("textarea").value = one.remark || "";
    }
    for (const node of places) {
      const one = byPlace.get(node.dataset.place) || {};
      for (const box of all("input", node)) box.checked = box.value === one.mark;
      node.querySelector("textarea").value = (one.missing || []).join("\n");
    }
    refresh();
    return changed;
  }

  // ---- what follows from a mark
  function follow(target) {
    const node = target.closest(".claim");
    const name = target.dataset.of;
    if (node && name === "mark" && target.value === "right") {
      for (const box of all('input[data-of="wrong"]', node)) box.checked = false;
    }
    if (node && (name === "wrong" || name === "unsure") && target.checked) {
      const other = name === "wrong" ? "unsure" : "wrong";
      const twin = node.querySelector(`input[data-of="${other}"][value="${target.value}"]`);
      if (twin) twin.checked = false;
      if (name === "wrong") node.querySelector('input[data-of="mark"][value="wrong"]').checked = true;
    }
    const place = target.closest(".place-mark");
    if (place && target.tagName === "TEXTAREA" && target.value.trim()) {
      place.querySelector('input[value="missing"]').checked = true;
    }
  }

  function refresh() {
    let judged = 0;
    for (const node of claims) {
      const mark = chosen(node, "mark")[0];
      judged += mark ? 1 : 0;
      node.classList.toggle("right", mark === "right");
      node.classList.toggle("wrong", mark === "wrong");
    }
    document.getElementById("count").textContent = `${judged} of ${claims.length} claims marked`;
  }

  // What a marks file may not have, by the words for it, with where it is.
  function faults() {
    const found = [];
    if (!reader.value.trim()) found.push(["Write your name.", reader]);
    if (!date.value) found.push(["Give the date.", date]);
    for (const node of claims) {
      const mark = chosen(node, "mark")[0];
      if (mark === "wrong" && !chosen(node, "wrong").length) {
        found.push([`${node.dataset.claim} is marked wrong: say which fields are.`, node]);
      }
      if (!mark && chosen(node, "unsure").length) {
        found.push([`${node.dataset.claim} is neither right nor wrong yet.`, node]);
      }
    }
    for (const node of places) {
      const mark = chosen(node, "mark")[0];
      const words = node.querySelector("textarea").value.trim();
      if (mark === "missing" && !words) found.push([`${node.dataset.place}: say which claim is missing.`, node]);
      if (mark === "complete" && words) found.push([`${node.dataset.place}: a complete place lacks no claim.`, node]);
    }
    return found;
  }

  // ---- keeping and saving
  function keep() {
    try {
      localStorage.setItem(page.store, JSON.stringify(marks()));
    } catch (error) {
      told.textContent = "This browser keeps nothing: save the marks as a file before you leave the page.";
    }
  }

  form.addEventListener("input", (event) => {
    follow(event.target);
    refresh();
    keep();
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  document.getElementById("save").addEventListener("click", () => {
    const [first, ...more] = faults();
    if (first) {
      told.textContent = first[0] + (more.length ? ` (and ${more.length} more)` : "");
      first[1].scrollIntoView({ block: "center" });
      (first[1].matches("input") ? first[1] : first[1].querySelector("input")).focus();
      return;
    }
    const link = document.createElement("a");
    const text = JSON.stringify(marks(), null, 1) + "\n";
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const who = reader.value.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
    link.download = `marks-${page.name}-${who}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    told.textContent = `Saved as ${link.download}.`;
  });

  document.getElementById("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      const kept = JSON.parse(await file.text());
      if (kept.format !== page.format) throw new Error("it is no marks file");
      const same = (one) => page.sources.some((own) => own.source === one.source && own.text === one.text);
      if (!(kept.sources || []).every(same)) throw new Error("it is of another source or text");
      const changed = show(kept);
      keep();
      told.textContent = changed ? `Read; changed since, to be marked again: ${changed}.` : "Read.";
    } catch (error) {
      told.textContent = `${file.name} was not read: ${error.message}.`;
    }
    event.target.value = "";
  });

  document.getElementById("next").addEventListener("click", () => {
    const node = claims.find((one) => !chosen(one, "mark").length);
    if (!node) {
      told.textContent = "Every claim is marked.";
      return;
    }
    node.scrollIntoView({ block: "start" });
    node.querySelector("input").focus({ preventScroll: true });
  });

  const now = new Date();
  date.value = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(page.store));
  } catch (error) {
    kept = null;
  }
  if (kept) show(kept);
  else refresh();
})();
