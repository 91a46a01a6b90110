// Saving as one types: at once into this browser, within seconds to the server, again and again for as long as it takes.
"use strict";

const AFTER_TYPING_MS = 1000; // a pause in typing this long, or
const AT_LEAST_EVERY_MS = 3000; // this long since the first letter
const RETRY_MS = [1000, 2000, 4000, 8000, 10000];
const MOST_SENT = 50; // digests of one field that are remembered
const FLAGS = "flags"; // no field of a paper is called so
const KEEPALIVE_BYTES = 60000; // what a browser sends on from a page that goes away

const asText = (value) => JSON.stringify(value === undefined ? null : value);

// One field. version, saved, savedAt: as the server has it; value: as it stands here.
class Field {
  constructor(name, kept) {
    this.name = name;
    this.version = kept ? kept.version : 0;
    this.saved = kept ? kept.value : undefined;
    this.savedAt = kept ? kept.saved_at : null;
    this.value = this.saved;
    this.sent = [];
    this.problem = null; // saved, and cannot be read
    this.conflict = null; // what somebody has saved meanwhile: { version, value, saved_at }
    this.refusal = null; // why the server takes it from nobody
  }

  get isDirty() { return asText(this.value) !== asText(this.saved); }
  get canBeSent() { return this.isDirty && !this.conflict && !this.refusal; }

  // What this browser has kept, of a version that the server has, or which was sent from here and never confirmed.
  recover(entry) {
    this.value = entry.value;
    this.sent = entry.sent || [];
    if (!this.isOurs()) this.version = entry.version;
  }

  // Whether what the server has came from here.
  isOurs() { return this.sent.includes(digest(asText(this.saved))); }

  remember() {
    this.sent = [...this.sent, digest(asText(this.value))].slice(-MOST_SENT);
  }

  confirm(value, version, at) {
    Object.assign(this, { saved: value, version, savedAt: at, sent: [], conflict: null });
  }
}

class Saver {
  // told: { changed(field), connected(isConnected), saved(body), refused(answer) }
  constructor({ api, key, copies, saved, flags, told }) {
    Object.assign(this, { api, key, copies, told, address: `${api}/answers` });
    this.fields = new Map(Object.entries(saved).map(([name, kept]) => [name, new Field(name, kept)]));
    this.flags = { value: new Set(flags), isDirty: false };
    this.frozen = null; // fields and values that were sent and not answered: sent once more as they were, so that no conflict is our own
    this.isSending = false;
    this.isStopped = false;
    this.failures = 0;
    this.timer = null;
    this.dirtySince = null;
  }

  field(name) {
    if (!this.fields.has(name)) this.fields.set(name, new Field(name, null));
    return this.fields.get(name);
  }

  // Names of fields that had something newer here than on the server.
  recover() {
    const found = [];
    for (const [name, entry] of this.copies.all()) {
      if (name === FLAGS) {
        this.flags = { value: new Set(entry.value), isDirty: true };
        continue;
      }
      const field = this.field(name);
      field.recover(entry);
      if (field.isDirty) found.push(name);
      else this.copies.drop(name);
    }
    if (found.length || this.flags.isDirty) this.soon(0);
    return found;
  }

  change(name, value) {
    const field = this.field(name);
    field.value = value;
    field.refusal = null;
    this.keep(field);
    this.told.changed(field);
    if (field.isDirty) this.soon();
  }

  keep(field) {
    if (field.isDirty || this.frozen && this.frozen.has(field.name)) {
      this.copies.put(field.name, { value: field.value, version: field.version, sent: field.sent });
    } else {
      this.copies.drop(field.name);
    }
  }

  flag(name, isOn) {
    if (isOn) this.flags.value.add(name);
    else this.flags.value.delete(name);
    this.flags.isDirty = true;
    this.copies.put(FLAGS, { value: [...this.flags.value] });
    this.soon();
  }

  soon(wait = AFTER_TYPING_MS) {
    if (this.isStopped || this.failures && wait) return; // the next try is set already
    const now = performance.now();
    this.dirtySince = this.dirtySince === null ? now : this.dirtySince;
    const atMost = Math.max(0, this.dirtySince + AT_LEAST_EVERY_MS - now);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.min(wait, atMost));
  }

  get unsaved() { return [...this.fields.values()].filter((field) => field.isDirty); }
  get isBusy() { return this.isSending || this.unsaved.some((field) => field.canBeSent) || this.flags.isDirty; }

  // What goes out next: an unanswered save as it was, else all that has changed.
  next() {
    if (this.frozen) return this.frozen;
    const dirty = [...this.fields.values()].filter((field) => field.canBeSent);
    dirty.forEach((field) => { field.remember(); this.keep(field); });
    return this.typed(dirty);
  }

  typed(fields) {
    return new Map(fields.map((field) => [field.name, { value: field.value, version: field.version }]));
  }

  body(answers) {
    const body = { answers: Object.fromEntries(answers) };
    return this.flags.isDirty ? { ...body, flags: [...this.flags.value] } : body;
  }

  async send() {
    clearTimeout(this.timer);
    if (this.isSending || this.isStopped) return;
    const answers = this.next();
    if (!answers.size && !this.flags.isDirty) { this.dirtySince = null; return; }
    this.isSending = true;
    this.frozen = answers;
    const flags = asText([...this.flags.value]);
    this.tellOf(answers.keys());
    let wait = null;
    try {
      const answer = await ask("PUT", this.address, { json: this.body(answers), headers: { "X-Exam-Place": this.key } });
      this.failures = 0;
      this.told.connected(true);
      this.take(answers, answer, flags);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
      this.failures += 1;
      this.told.connected(false);
    }
    this.isSending = false;
    this.dirtySince = null;
    this.tellOf(answers.keys());
    if (this.isStopped) return;
    if (wait !== null) this.timer = setTimeout(() => this.send(), wait);
    else if (this.isBusy) this.soon();
  }

  take(answers, { status, body }, flags) {
    this.frozen = null;
    if (status === 200) return this.accept(answers, body, flags);
    if (status === 413 || status === 422) return this.setAside(answers, body);
    this.told.refused({ status, body });
  }

  accept(answers, body, flags) {
    this.told.saved(body);
    if (flags === asText([...this.flags.value])) {
      this.flags.isDirty = false;
      this.copies.drop(FLAGS);
    }
    for (const [name, sent] of answers) {
      const field = this.field(name);
      const theirs = body.conflicts[name];
      field.problem = body.problems[name] || null;
      if (!theirs) field.confirm(sent.value, body.versions[name], body.saved_at);
      else this.meet(field, theirs);
      this.keep(field);
    }
  }

  // Somebody else has saved meanwhile; or we have, and its answer was lost.
  meet(field, theirs) {
    field.saved = theirs.value;
    field.savedAt = theirs.saved_at;
    field.version = theirs.version;
    field.conflict = field.isOurs() || !field.isDirty ? null : theirs;
  }

  // One answer that cannot be taken holds up no other: alone it is refused, of several each is tried by itself.
  setAside(answers, body) {
    if (answers.size <= 1) {
      for (const name of answers.keys()) this.field(name).refusal = body.message || true;
      if (!answers.size) this.flags.isDirty = false;
      return;
    }
    this.sendEach([...answers]);
  }

  async sendEach(answers) {
    for (const [name, typed] of answers) {
      try {
        const each = new Map([[name, typed]]);
        const answer = await ask("PUT", this.address, { json: { answers: { [name]: typed } }, headers: { "X-Exam-Place": this.key } });
        this.take(each, answer, null);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        this.soon(RETRY_MS[2]);
        return;
      }
    }
    this.tellOf(answers.map(([name]) => name));
  }

  // Which of two texts counts: what stands here, or what was saved elsewhere. The other one is with the staff, and not lost.
  settle(name, keepsOwn) {
    const field = this.field(name);
    const theirs = field.conflict;
    field.conflict = null;
    if (!keepsOwn) field.value = theirs.value;
    this.keep(field);
    this.told.changed(field);
    this.soon(0);
  }

  tellOf(names) {
    for (const name of names) this.told.changed(this.field(name));
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  // Until the server has all that stands here. Raises Trouble.
  async settled() {
    while (this.isBusy) {
      if (this.isStopped) throw new Trouble("saving has stopped");
      if (this.isSending) await new Promise((resolve) => { setTimeout(resolve, 100); });
      else await this.send();
      if (this.failures) throw new Trouble("not saved");
    }
  }

  // The page goes away: what has not been sent goes out behind it, as far as a browser allows.
  leave() {
    const dirty = [...this.fields.values()].filter((field) => field.canBeSent);
    if (this.isStopped || !dirty.length) return;
    dirty.forEach((field) => { field.remember(); this.keep(field); });
    const json = this.body(this.typed(dirty));
    if (new Blob([JSON.stringify(json)]).size > KEEPALIVE_BYTES) return;
    ask("PUT", this.address, { json, keepalive: true, headers: { "X-Exam-Place": this.key } }).catch(() => {});
  }

  // All that stands here and not on the server, once, whatever becomes of it: the server keeps what comes too late.
  // One that cannot be taken holds up no other here, either.
  async hurry() {
    const left = this.unsaved.filter((field) => !field.refusal);
    if (!left.length) return null;
    const put = (fields) => ask("PUT", this.address, { json: { answers: Object.fromEntries(this.typed(fields)) }, headers: { "X-Exam-Place": this.key } });
    const answer = await put(left);
    if (left.length > 1 && (answer.status === 413 || answer.status === 422)) {
      for (const field of left) await put([field]);
    }
    return answer;
  }
}
