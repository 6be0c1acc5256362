"use strict";
const $ = (id) => document.getElementById(id);

// Make an element with text, which is never interpreted as markup.
const make = (tag, text = "", attributes = {}) => {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

// Decisions are kept in the browser, if it allows that.
const kept = {
  get: (key) => {
    try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; }
  },
  put: (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch {
      $("kept").textContent = "This browser does not save your progress: download before you leave the page.";
    }
  },
};

const isTyping = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea");

const download = (name, lines) => {
  const text = lines.map((line) => `${line}\n`).join("");
  const url = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  make("a", "", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
};
