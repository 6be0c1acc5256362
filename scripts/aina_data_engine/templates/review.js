const KEYS = "123456789abcdef";
const FOUND = 20;
// The page's data is its tables; nothing else is read.
const questions = [...document.querySelectorAll("tr[data-question]")].map((row) => {
  const asked = JSON.parse(row.dataset.question);
  // Pages of other roots and rounds may share what the browser keeps.
  const key = `review ${document.body.dataset.digest} ${JSON.stringify([asked.title_id, asked.title])}`;
  const names = [...row.querySelectorAll("li")].map((choice) => choice.textContent);
  const refs = asked.choices.map((choice) => choice.split(" = ")[0]);
  return { ...asked, row, key, names, refs, answer: kept.get(key) };
});
const occupations = [...document.querySelectorAll("tr[data-ref]")].map((row) => {
  const [name, ref] = [...row.children].map((cell) => cell.textContent);
  // The occupation's own title first, then its other titles, each in the form that is searched.
  const titles = ["", ...JSON.parse(row.dataset.others)].map(
    (title) => ({ title, text: (title || `${name} ${ref}`).toLowerCase() }));
  return { ref: JSON.parse(row.dataset.ref), name, titles };
});
const isOpen = (question) => !("decision" in question.answer);
let at = Math.max(0, questions.findIndex(isOpen));

const told = (question) => {
  const { decision } = question.answer;
  if (decision === undefined) return "";
  if (decision === null) return "skipped";
  const place = question.refs.indexOf(decision);
  const found = occupations.find((one) => one.ref === decision);
  return question.names[place] ?? (found ? `${found.name} (${decision})` : decision);
};

const button = (key, text, decision) => {
  const made = make("button", text, { type: "button" });
  made.prepend(make("kbd", key), " ");
  made.setAttribute("aria-pressed", String(questions[at].answer.decision === decision));
  made.addEventListener("click", () => decide(decision));
  const item = make("li");
  item.append(made);
  return item;
};

const show = () => {
  const { title, row, names, refs, answer } = questions[at];
  const [, source, company, location] = [...row.children].map((cell) => cell.textContent);
  $("title").textContent = row.children[0].textContent;
  const posting = [["At the source", source], ["Employer", company], ["Place", location]];
  $("posting").replaceChildren(
    ...posting.filter(([, text]) => text && text !== title).flatMap(
      ([name, text]) => [make("dt", name), make("dd", text)]));
  const own = refs.map((ref, place) => button(KEYS[place] ?? "", names[place], ref));
  const { decision } = answer;
  if (decision && decision !== "none" && !refs.includes(decision)) {
    own.push(button("", told(questions[at]), decision));
  }
  $("choices").replaceChildren(
    ...own, button("n", "None of these or any other", "none"), button("s", "Skip", null));
  $("note").value = answer.note || "";
  $("search").value = "";
  search();
  count();
};

const count = () => {
  const open = questions.filter(isOpen).length;
  const skipped = questions.filter((one) => one.answer.decision === null).length;
  const decided = questions.length - open - skipped;
  $("progress").textContent = `Title ${at + 1} of ${questions.length}: ${decided} decided, ` +
    `${skipped} skipped, ${open} open.` + (open ? "" : " All are done; download the file.");
  for (const one of questions) one.row.lastElementChild.textContent = told(one);
};

const go = (place) => {
  if (!questions[place]) return;
  at = place;
  show();
  $("title").focus();
};

const decide = (decision) => {
  const question = questions[at];
  question.answer.decision = decision;
  kept.put(question.key, question.answer);
  const open = [...questions.keys()].filter((place) => isOpen(questions[place]));
  go(open.find((place) => place > at) ?? open[0] ?? Math.min(at + 1, questions.length - 1));
};

const search = () => {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? occupations.flatMap((one) => {
    const hit = one.titles.find(({ text }) => words.every((word) => text.includes(word)));
    return hit ? [{ ...one, hit: hit.title }] : [];
  }) : [];
  // Occupations found by their own title come first; the others show the title that was found.
  found.sort((one, other) => Boolean(one.hit) - Boolean(other.hit));
  $("found").replaceChildren(...found.slice(0, FOUND).map((one) =>
    button("", `${one.name} (${one.ref})${one.hit ? `: ${one.hit}` : ""}`, one.ref)));
  const more = found.length > FOUND ? `, ${FOUND} of them shown` : "";
  $("hits").textContent = words.length ? `${found.length} found${more}` : "";
};

// Return the reviewer's name; if it is empty, mark the field and return nothing.
const reviewer = () => {
  const name = $("reviewer").value.trim();
  $("missing").hidden = Boolean(name);
  $("reviewer").setAttribute("aria-invalid", String(!name));
  if (!name) $("reviewer").focus();
  return name;
};

const fill = () => {
  const name = reviewer();
  if (!name) return;
  const answered = questions.filter(({ answer }) => answer.decision || answer.note);
  download(`${document.body.dataset.sheet}-filled.jsonl`, answered.map((question) => JSON.stringify({
    title_id: question.title_id, title: question.title, choices: question.choices,
    decision: question.answer.decision || null, reviewer: name, note: question.answer.note || null,
  })));
};

const ACTIONS = {
  ArrowLeft: () => go(at - 1),
  ArrowRight: () => go(at + 1),
  n: () => decide("none"),
  s: () => decide(null),
  "/": () => $("search").focus(),
  t: () => $("note").focus(),
  w: fill,
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") $("title").focus();
  if (isTyping(event)) return;
  const ref = questions[at].refs[KEYS.indexOf(event.key)];
  const action = ref === undefined ? ACTIONS[event.key] : () => decide(ref);
  if (!action) return;
  event.preventDefault();
  action();
});
$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") $("found").querySelector("button")?.click();
});
$("note").addEventListener("change", () => {
  questions[at].answer.note = $("note").value.trim();
  kept.put(questions[at].key, questions[at].answer);
});
$("write").addEventListener("click", fill);
$("reviewer").value = kept.get("reviewer").name || "";
$("reviewer").addEventListener("change", () => kept.put("reviewer", { name: $("reviewer").value }));

$("desk").hidden = false;
show();
