const KEY = `proposals ${document.body.dataset.digest}`;
const answers = { rules: {}, patches: {}, ...kept.get(KEY) };
// What can be decided, in the order of the page: a rule, or one of its patches.
const items = [...document.querySelectorAll("[data-rule], [data-patch]")].map((element) => {
  const isRule = "rule" in element.dataset;
  const of = isRule ? answers.rules : answers.patches;
  const id = JSON.parse(isRule ? element.dataset.rule : element.dataset.patch);
  const target = isRule ? element.querySelector("h2") : element;
  const cell = isRule ? element.querySelector(".decision") : element.lastElementChild;
  target.tabIndex = -1;
  return { element, isRule, of, id, target, cell };
});
const rules = items.filter((item) => item.isRule);
const SAID = { accept: "accepted", decline: "declined" };

const decide = (item, decision) => {
  if (decision) item.of[item.id] = decision;
  else delete item.of[item.id];
  kept.put(KEY, answers);
  show();
};

const offer = (item) => {
  for (const [key, decision] of [["a", "accept"], ["d", "decline"]]) {
    const name = item.isRule ? `${decision} the whole rule` : decision;
    const made = make("button", name, { type: "button", "data-decision": decision });
    made.prepend(make("kbd", key), " ");
    made.addEventListener("click", () =>
      decide(item, item.of[item.id] === decision ? undefined : decision));
    item.cell.append(made, " ");
  }
  item.cell.append(make("span", "", { class: "said" }));
};

const show = () => {
  let rule = "";
  for (const { id, of, isRule, cell } of items) {
    if (isRule) rule = answers.rules[id];
    for (const one of cell.querySelectorAll("button")) {
      one.setAttribute("aria-pressed", String(of[id] === one.dataset.decision));
    }
    cell.querySelector(".said").textContent = SAID[of[id] ?? rule] ?? "";
  }
  const open = rules.filter(({ id }) => !answers.rules[id]).length;
  const own = Object.keys(answers.patches).length;
  $("progress").textContent = `${rules.length - open} of ${rules.length} rules decided, ` +
    `and ${own} single ${own === 1 ? "patch" : "patches"}.`;
};

const here = () => items.find((item) => item.target === document.activeElement);

const move = (step) => {
  const seen = items.filter(({ target }) => target.checkVisibility());
  const place = seen.indexOf(here());
  seen[place < 0 ? 0 : Math.min(Math.max(place + step, 0), seen.length - 1)]?.target.focus();
};

const unfold = () => {
  const details = here()?.element.closest("section")?.querySelector("details");
  if (details) details.open = !details.open;
};

const isOfThePage = async (file) => {
  if (file.size !== Number(document.body.dataset.size)) return false;
  // Browsers offer crypto.subtle to a page from a disk, but not from a server without TLS: then size decides.
  if (!crypto.subtle) return true;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const digest = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return document.body.dataset.digest === `sha256:${digest}`;
};

// The lines of the file itself, unchanged: what is accepted is exactly what was proposed.
const write = async () => {
  const [file] = $("file").files;
  $("wrong").textContent = "";
  if (!file || !(await isOfThePage(file))) {
    $("wrong").textContent = file ? "This is not the file from which the page was made." : "Choose the file.";
    $("file").focus();
    return;
  }
  const lines = (await file.text()).split("\n").filter(Boolean);
  const chosen = { accept: [], decline: [] };
  for (const line of lines) {
    const { patch_id: id, author } = JSON.parse(line);
    chosen[answers.patches[id] ?? answers.rules[author]]?.push(line);
  }
  for (const [decision, found] of Object.entries(chosen)) {
    if (found.length) download(`${document.body.dataset.name}-${SAID[decision]}.jsonl`, found);
  }
  $("progress").textContent =
    `${chosen.accept.length} accepted, ${chosen.decline.length} declined, of ${lines.length}.`;
};

const ACTIONS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  a: () => here() && decide(here(), "accept"),
  d: () => here() && decide(here(), "decline"),
  u: () => here() && decide(here()),
  o: unfold,
  w: write,
};

document.addEventListener("keydown", (event) => {
  const action = isTyping(event) ? undefined : ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
$("write").addEventListener("click", write);

items.forEach(offer);
$("desk").hidden = false;
show();
