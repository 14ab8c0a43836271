// The film, and below it its spans along time: a click plays one from its start to its end.

const STEPS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200];
// narrower than this, in pixels, spans are drawn a second time, those near the position
const NARROW = 9;
const STYLE = `
.film-player { max-width: 880px; color: var(--jp-content-font-color1, #222); font-size: 13px; }
.film-player video { display: block; width: 100%; max-height: 420px; background: #000; }
.film-player .note { padding: 10px 14px; margin-bottom: 6px; border-left: 4px solid #d1495b; line-height: 1.5;
  white-space: pre-wrap; overflow-wrap: anywhere; background: var(--jp-layout-color2, #eee); user-select: text; }
.film-player .timeline { position: relative; margin-top: 6px; outline-offset: 2px; cursor: pointer; }
.film-player .lane { position: relative; overflow: hidden; background: var(--jp-layout-color2, #e8e8e8); }
.film-player .window { position: absolute; top: 0; bottom: 0; box-sizing: border-box; min-width: 6px; z-index: 2;
  border: 2px solid var(--jp-content-font-color0, #000); box-shadow: 0 0 0 1px var(--jp-layout-color0, #fff);
  pointer-events: none; }
.film-player .span { position: absolute; box-sizing: border-box; overflow: hidden; border-radius: 2px; height: 26px;
  font-size: 11px; line-height: 26px; text-align: center; border-right: 1px solid var(--jp-layout-color0, #fff); }
.film-player .span.chosen { outline: 2px solid var(--jp-content-font-color0, #000); outline-offset: -2px;
  box-shadow: inset 0 0 0 3px var(--jp-layout-color0, #fff); z-index: 2; }
.film-player .at { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: #d1495b; z-index: 3;
  box-shadow: 0 0 0 1px #fff; pointer-events: none; }
.film-player .ticks { position: relative; height: 17px; font-size: 11px; color: var(--jp-content-font-color2, #555); }
.film-player .ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.film-player .told { min-height: 1.5em; line-height: 1.5; }
.film-player .keys { color: var(--jp-content-font-color2, #555); font-size: 11px; }`;

function clock(seconds, digits = 2) {
  const total = Math.round(seconds * 10 ** digits) / 10 ** digits;
  const sign = total < 0 ? "-" : "";
  const hours = Math.floor(Math.abs(total) / 3600);
  const minutes = Math.floor(Math.abs(total) / 60) % 60;
  const rest = (Math.abs(total) % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return sign + (hours ? `${hours}:${String(minutes).padStart(2, "0")}` : `${minutes}`) + `:${rest}`;
}

function made(kind, name, parent, text = "") {
  const element = document.createElement(kind);
  element.className = name;
  element.textContent = text;
  parent.appendChild(element);
  return element;
}

function baseUrl() {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl || "/";
  } catch {
    return document.body.dataset.baseUrl || "/";
  }
}

function dark(color) {
  const level = (at) => parseInt(color.slice(at, at + 2), 16);
  return 0.299 * level(1) + 0.587 * level(3) + 0.114 * level(5) < 140;
}

class Lane {
  // Spans from `low` to `high` seconds, and a line at the position.
  constructor(parent, player) {
    this.player = player;
    this.box = made("div", "lane", parent);
    this.at = made("div", "at", this.box);
    this.box.addEventListener("click", (event) => {
      const index = event.target.dataset.index;
      if (index !== undefined) return player.play(Number(index));
      const edges = this.box.getBoundingClientRect();
      player.go(this.low + ((event.clientX - edges.left) / edges.width) * (this.high - this.low));
    });
  }

  draw(low, high) {
    [this.low, this.high] = [low, high];
    const { spans, rows } = this.player;
    this.box.style.height = `${27 * rows - 1}px`;
    this.box.querySelectorAll(".span").forEach((element) => element.remove());
    this.drawn = new Map();
    for (let i = 0; i < spans.start.length; i++) {
      const left = Math.max(spans.start[i], low);
      const right = Math.min(spans.end[i], high);
      if (right <= left) continue;
      const share = (right - left) / (high - low);
      const element = made("div", "span", this.box, share * 880 > 7 * spans.label[i].length + 6 ? spans.label[i] : "");
      element.dataset.index = i;
      element.title = this.player.describe(i);
      Object.assign(element.style, {
        left: `${(100 * (left - low)) / (high - low)}%`, width: `max(1px, ${100 * share}%)`, top: `${27 * spans.row[i]}px`,
        background: spans.color[i], color: dark(spans.color[i]) ? "#fff" : "#000",
        borderRightWidth: share * 880 < 4 ? "0" : "1px",
      });
      this.drawn.set(i, element);
    }
    this.choose(this.player.chosen());
  }

  choose(index) {
    this.box.querySelector(".chosen")?.classList.remove("chosen");
    this.drawn.get(index)?.classList.add("chosen");
  }

  move(time) {
    this.at.style.left = `${(100 * (time - this.low)) / (this.high - this.low)}%`;
    this.at.hidden = time < this.low || time > this.high;
  }
}

class Player {
  constructor(model, el) {
    this.model = model;
    this.film = model.get("film");
    this.spans = model.get("spans");
    this.rows = Math.max(0, ...this.spans.row) + 1;
    // where a span that is playing ends; what the browser's clock is behind the film's
    this.until = null;
    this.behind = 0;
    this.ready = false;
    this.time = this.film.at;
    const style = made("style", "", el);
    style.textContent = STYLE;
    this.box = made("div", "film-player", el);
    // JupyterLab's own keys, such as Enter, are not meant here
    this.box.dataset.lmSuppressShortcuts = "true";
    this.note = made("div", "note", this.box);
    this.note.setAttribute("role", "status");
    this.note.hidden = true;
    if (this.film.url) this.addVideo();
    else this.tell(this.film.note);
    this.addTimeline();
    this.listeners = {
      "change:span": () => this.onSpan(),
      "change:asked": () => this.play(model.get("asked")[0]),
    };
    for (const [name, listener] of Object.entries(this.listeners)) model.on(name, listener);
  }

  addVideo() {
    const video = (this.video = made("video", "", this.box));
    Object.assign(video, { controls: true, preload: "auto", playsInline: true });
    video.setAttribute("aria-label", `the film ${this.film.name}`);
    video.addEventListener("error", () => this.onError());
    video.addEventListener("loadeddata", () => this.onLoaded(), { once: true });
    for (const name of ["timeupdate", "seeked", "pause"]) video.addEventListener(name, () => this.onTime(true));
    video.addEventListener("play", () => this.follow());
    // moved by its own controls: the span that was playing is no longer what is meant
    video.addEventListener("seeking", () => {
      const time = video.currentTime + this.behind;
      if (this.until !== null && (time < this.from - 0.3 || time > this.until + 0.3)) this.until = null;
    });
    video.src = baseUrl() + "files/" + this.film.url;
  }

  addTimeline() {
    const timeline = (this.timeline = made("div", "timeline", this.box));
    const count = this.spans.start.length;
    timeline.tabIndex = 0;
    timeline.setAttribute("role", "slider");
    timeline.setAttribute("aria-label", `timeline: ${this.film.each} by ${this.film.each}`);
    timeline.setAttribute("aria-valuemin", 0);
    timeline.setAttribute("aria-valuemax", Math.max(0, count - 1));
    timeline.addEventListener("keydown", (event) => this.onKey(event));
    this.whole = new Lane(timeline, this);
    const ticks = made("div", "ticks", timeline);
    const lengths = this.spans.start.map((start, i) => this.spans.end[i] - start).sort((a, b) => a - b);
    this.usual = lengths[count >> 1] || 1;
    const long = this.film.end - this.film.start;
    if (count && (this.usual / long) * 880 < NARROW) {
      this.near = new Lane(timeline, this);
      this.window = made("div", "window", this.whole.box);
    }
    this.whole.draw(this.film.start, this.film.end);
    const step = STEPS.find((seconds) => long / seconds <= 9) || 14400;
    for (let tick = Math.ceil(this.film.start / step) * step; tick <= this.film.end; tick += step) {
      const share = (tick - this.film.start) / long;
      if (share < 0.02 || share > 0.97) continue;
      made("span", "", ticks, clock(tick, step < 1 ? 1 : 0)).style.left = `${100 * share}%`;
    }
    this.told = made("div", "told", this.box);
    this.told.setAttribute("aria-live", "polite");
    const keys = `click: play one ${this.film.each} · arrow keys: from one to the next · Enter: play · space: pause`;
    if (count) made("div", "keys", this.box, keys);
    this.choose();
    this.move();
  }

  chosen() {
    return this.model.get("span");
  }

  describe(index) {
    const { start, end, told } = this.spans;
    const times = `${clock(start[index])} to ${clock(end[index])}`;
    return [`${this.film.each} ${index}: ${times}`, told[index]].filter(Boolean).join(", ");
  }

  choose() {
    const index = this.chosen();
    const count = this.spans.start.length;
    this.whole.choose(index);
    if (this.near) this.drawNear(index === null ? this.time : this.spans.start[index]);
    const none = count ? `${count} ${this.film.each}${count > 1 ? "s" : ""} in all: choose one` : this.film.none;
    this.told.textContent = index === null ? none : this.describe(index);
    this.timeline.setAttribute("aria-valuenow", index === null ? 0 : index);
    this.timeline.setAttribute("aria-valuetext", this.told.textContent);
  }

  drawNear(time) {
    const long = this.film.end - this.film.start;
    const wide = Math.min(24 * this.usual, long);
    const low = Math.min(Math.max(time - wide / 3, this.film.start), this.film.end - wide);
    this.near.draw(low, low + wide);
    this.window.style.left = `${(100 * (low - this.film.start)) / long}%`;
    this.window.style.width = `${(100 * wide) / long}%`;
  }

  move() {
    if (this.near && (this.time < this.near.low || this.time > this.near.high)) this.drawNear(this.time);
    this.whole.move(this.time);
    this.near?.move(this.time);
  }

  set(name, value) {
    this.model.set(name, name === "time" ? Math.round(1000 * value) / 1000 : value);
    this.model.save_changes();
  }

  // choose a span, and play it if the film can be
  play(index) {
    if (!(index >= 0 && index < this.spans.start.length)) return;
    this.playing = true;
    if (index === this.chosen()) this.onSpan();
    else this.set("span", index);
  }

  onSpan() {
    const index = this.chosen();
    this.choose();
    if (index === null) return;
    this.from = this.spans.start[index];
    this.until = this.spans.end[index];
    // a picture's time may be rounded up by the browser
    this.go(this.from + 0.001, this.until, this.playing);
    this.playing = false;
  }

  go(time, until = null, play = null) {
    this.until = until;
    this.time = time;
    this.move();
    if (!this.ready) {
      if (this.video && !this.broken) this.wanted = [time, until, play];
      else this.set("time", time);
      return;
    }
    this.video.currentTime = Math.max(0, time - this.behind);
    if (play === true) this.video.play().catch((error) => this.onRefused(error));
    else if (play === false) this.video.pause();
  }

  onLoaded() {
    // a browser's clock begins at 0, or where the file says that it begins
    this.behind = this.film.begins - this.video.currentTime;
    this.ready = true;
    this.box.dataset.ready = "true";
    this.go(...(this.wanted || [this.film.at]));
  }

  onRefused(error) {
    if (error.name === "NotAllowedError") this.told.textContent += " (press Enter here, or play in the picture)";
  }

  onTime(tell) {
    if (!this.ready || this.video.seeking) return;
    this.time = this.video.currentTime + this.behind;
    if (this.until !== null && !this.video.paused && this.time >= this.until - 0.25 / this.film.fps) {
      this.video.pause();
      // its last picture
      this.video.currentTime = Math.max(this.from, this.until - 0.5 / this.film.fps) - this.behind;
      this.until = null;
      return;
    }
    this.move();
    if (tell) this.set("time", this.time);
  }

  follow() {
    if (!this.video.isConnected || this.video.paused) return;
    this.onTime(false);
    requestAnimationFrame(() => this.follow());
  }

  onKey(event) {
    const count = this.spans.start.length;
    const index = this.chosen();
    if (event.ctrlKey || event.altKey || event.metaKey || !count) return;
    const before = this.spans.start.findLastIndex((start) => start < this.time - 0.01);
    const moves = {
      ArrowRight: index === null ? before + 1 : index + 1, ArrowLeft: index === null ? before : index - 1,
      Home: 0, End: count - 1,
    };
    if (event.key in moves) {
      this.playing = false;
      this.set("span", Math.min(Math.max(moves[event.key], 0), count - 1));
    } else if (event.key === "Enter") this.play(index === null ? Math.max(before, 0) : index);
    else if (event.key === " " && this.ready) {
      if (this.video.paused) this.video.play().catch((error) => this.onRefused(error));
      else this.video.pause();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async onError() {
    this.broken = true;
    this.ready = false;
    let reached = false;
    try {
      reached = (await fetch(this.video.src, { method: "HEAD" })).ok;
    } catch {}
    this.tell(reached ? this.film.unplayable : this.film.unreachable);
  }

  tell(text) {
    this.note.textContent = text;
    this.note.hidden = false;
    if (this.video) this.video.hidden = true;
    if (this.video) this.video.style.display = "none";
  }

  remove() {
    for (const [name, listener] of Object.entries(this.listeners)) this.model.off(name, listener);
    if (!this.video) return;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }
}

function render({ model, el }) {
  const player = new Player(model, el);
  return () => player.remove();
}

export default { render };
