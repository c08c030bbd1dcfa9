// The operator's console. It speaks the Devices API like any operator, and the simulator's own /_sim beside it.
// Whatever came from outside becomes text (textContent), never markup.

const BEAT_MS = 1500;
const LOG_ROWS = 40;
const FAULTS = {
  well: [],
  offline: [{ operation: "connect", drop: true }, { operation: "logo", drop: true }],
  busy: [{ operation: "connect", status: 503, retryAfter: "5" }],
  refused: [{ operation: "connect", status: 401 }],
  slow: [{ operation: "connect", delay: 8 }],
};

const at = (id) => document.getElementById(id);
const session = await (await fetch("/_sim/session")).json();
const rows = new Map();
let revision = null;

// ---- asking ----

async function ask(method, path, body) {
  const headers = { Accept: "application/json" };
  if (path.startsWith("/api/")) headers["X-API-KEY"] = session.apiKey;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const value = text && (answer.headers.get("Content-Type") ?? "").includes("json") ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.detail ?? value?.title ?? `the answer was ${answer.status}`);
  return value;
}

const devicesPath = `/api/${encodeURIComponent(session.tenantId)}/devices`;
const devicePath = (device) => `${devicesPath}/${encodeURIComponent(device.deviceId)}`;
const controlPath = (device) => `/_sim/devices/${encodeURIComponent(device.deviceId)}`;
const called = (device) => device.name || "(no name)";

function say(text, wrong = false) {
  at("said").textContent = text;
  at("said").classList.toggle("wrong", wrong);
}

async function attempt(button, what, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    say(`${what} failed: ${error.message}`, true);
  } finally {
    button.disabled = false;
  }
}

// ---- devices ----

async function loadDevices() {
  const devices = await ask("GET", devicesPath);
  const present = new Set(devices.map((device) => device.deviceId));
  for (const [id, row] of rows) {
    if (!present.has(id)) {
      row.element.remove();
      rows.delete(id);
    }
  }
  devices.forEach(showDevice);
  at("none").hidden = devices.length > 0;
  at("count").textContent = devices.length === 1 ? "1 device" : `${devices.length} devices`;
}

function showDevice(device) {
  const row = rows.get(device.deviceId) ?? newRow(device);
  row.device = device;
  const part = (selector) => row.element.querySelector(selector);
  part(".name").textContent = called(device);
  part(".about").textContent = device.description ?? "";
  part(".id").textContent = device.deviceId;
  const state = part(".state");
  state.textContent = device.isEnabled ? "Enabled" : "Disabled";
  state.dataset.enabled = device.isEnabled;
  part('[data-act="toggle"]').textContent = device.isEnabled ? "Disable" : "Enable";
  for (const button of row.element.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent} ${called(device)}`);
  }
}

function newRow(device) {
  const element = at("row").content.firstElementChild.cloneNode(true);
  const row = { element, device };
  element.dataset.device = device.deviceId;
  element.querySelector("img").src = `${controlPath(device)}/preview`;
  element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) ACTS[button.dataset.act](row, button);
  });
  element.querySelector("input").addEventListener("change", (event) => changeLogo(row, event.target));
  at("rows").append(element);
  rows.set(device.deviceId, row);
  return row;
}

const ACTS = {
  toggle: (row, button) =>
    attempt(button, "The change", async () => {
      const device = await ask("PUT", devicePath(row.device), { isEnabled: !row.device.isEnabled });
      showDevice(device);
      say(`${called(device)} is now ${device.isEnabled ? "enabled" : "disabled"}.`);
    }),
  reset: (row, button) =>
    attempt(button, "The reset", async () => {
      await showToken(row.device, await ask("POST", `${devicePath(row.device)}/connections/reset`));
    }),
  logo: (row) => row.element.querySelector("input").click(),
  delete: (row) => {
    at("confirm-name").textContent = called(row.device);
    at("confirm").showModal();
    at("confirm-yes").onclick = (event) =>
      attempt(event.currentTarget, "Deleting", async () => {
        await ask("DELETE", devicePath(row.device));
        at("confirm").close();
        await loadDevices();
        at("devices").focus();
        say(`${called(row.device)} was deleted.`);
      });
  },
};

async function changeLogo(row, input) {
  const [file] = input.files;
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const answer = await fetch(`${controlPath(row.device)}/logo`, { method: "PUT", headers, body: file });
  input.value = "";
  row.element.querySelector("img").src = `${controlPath(row.device)}/preview?${Date.now()}`;
  say(answer.ok ? `${called(row.device)} has a new logo.` : "The logo could not be changed.", !answer.ok);
}

at("create").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = at("new-name").value.trim();
  at("name-wrong").hidden = name !== "";
  at("new-name").setAttribute("aria-invalid", name === "");
  if (!name) {
    at("new-name").focus();
    return;
  }
  attempt(event.submitter ?? event.target.querySelector("button"), "Creating", async () => {
    await ask("POST", devicesPath, { type: "CrewCheck", name, description: at("new-description").value.trim() || null });
    event.target.reset();
    await loadDevices();
    say(`${name} was created. New QR code gives it a key.`);
  });
});
at("confirm-no").onclick = () => at("confirm").close();

// ---- the token ----

async function showToken(device, token) {
  const text = JSON.stringify(token);
  const answer = await fetch("/_sim/qr", { method: "POST", body: text });
  if (!answer.ok) throw new Error("no QR code could be made");
  at("qr").src = URL.createObjectURL(await answer.blob());
  await at("qr").decode();
  at("token-name").textContent = called(device);
  at("token-text").value = text;
  at("token").showModal();
  at("token-close").focus();
}

at("token-close").onclick = () => at("token").close();
at("token").addEventListener("close", () => {
  URL.revokeObjectURL(at("qr").src);
  at("qr").removeAttribute("src");
  at("token-text").value = "";
  at("copy").textContent = "Copy text";
});
at("copy").onclick = async () => {
  at("token-text").select();
  try {
    await navigator.clipboard.writeText(at("token-text").value);
    at("copy").textContent = "Copied ✓";
  } catch {
    at("copy").textContent = "Selected: press Ctrl-C";
  }
};

// ---- faults and requests ----

at("faults").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  attempt(button, "The change", async () => {
    await ask("DELETE", "/_sim/faults");
    for (const fault of FAULTS[button.dataset.fault]) await ask("PUT", "/_sim/faults", fault);
    await loadFaults();
    say(`From now on: ${button.querySelector("b").textContent}, ${button.querySelector("span").textContent}.`);
  });
});

async function loadFaults() {
  const { faults } = await ask("GET", "/_sim/faults");
  const now = JSON.stringify(faults);
  for (const button of at("faults").querySelectorAll("button")) {
    const wanted = FAULTS[button.dataset.fault];
    const same = wanted.length === faults.length && wanted.every((fault) => faults.some((other) => alike(fault, other)));
    button.setAttribute("aria-pressed", same);
  }
  at("weather").textContent = faults.length ? `In force: ${now}` : "";
}

const alike = (one, other) =>
  Object.keys(one).length === Object.keys(other).length && Object.keys(one).every((key) => one[key] === other[key]);

at("forget").onclick = (event) => attempt(event.currentTarget, "Clearing", async () => {
  await ask("DELETE", "/_sim/requests");
  await loadRequests();
});

async function loadRequests() {
  const requests = await ask("GET", "/_sim/requests");
  const { revision: newest } = await ask("GET", "/_sim/session");
  at("log").replaceChildren(...requests.slice(-LOG_ROWS).reverse().map(logRow));
  if (newest !== revision) {
    revision = newest;
    await loadDevices();
  }
}

function logRow(seen) {
  const row = document.createElement("tr");
  const cells = [
    new Date(seen.time).toLocaleTimeString(),
    seen.operation ?? seen.method,
    seen.status === null ? "no answer" : String(seen.status),
    seen.key ?? "none",
    seen.path,
    seen.userAgent?.startsWith("Mozilla/") ? "a browser" : seen.userAgent ?? "",
  ];
  for (const text of cells) row.insertCell().textContent = text;
  row.cells[2].className = seen.status !== null && seen.status < 400 ? "good" : "bad";
  return row;
}

// ---- the kiosk's screen ----

async function loadPicture() {
  const answer = await fetch("/_sim/kiosk.png");
  const old = at("picture").src;
  if (answer.ok) at("picture").src = URL.createObjectURL(await answer.blob());
  if (old) URL.revokeObjectURL(old);
  at("picture").hidden = !answer.ok;
  at("dark").hidden = answer.ok;
}

// ---- the heartbeat ----

async function beat() {
  const work = [loadRequests(), loadFaults()];
  if (session.hasKiosk) work.push(loadPicture());
  try {
    await Promise.all(work);
    link("up", "live");
  } catch {
    link("down", "the simulator does not answer");
  }
  setTimeout(beat, BEAT_MS);
}

function link(state, text) {
  if (at("link").dataset.state === state) return;
  at("link").dataset.state = state;
  at("link").textContent = text;
}

at("tenant").textContent = session.tenantId;
at("kiosk").hidden = !session.hasKiosk;
await beat();
