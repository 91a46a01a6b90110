// What was typed and has not been confirmed by the server, kept in this browser: one entry a field, of one sitting of one person.
"use strict";

// 53 bits of a text, so that what was sent without an answer is known again without keeping it whole.
function digest(text) {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4294967296 * (2097151 & other) + (one >>> 0);
}

class LocalCopies {
  constructor(prefix) {
    this.prefix = `${prefix}|`;
    this.works = true;
  }

  // entry: { value, version, sent: digests of what was sent without an answer }
  put(field, entry) {
    try {
      localStorage.setItem(this.prefix + field, JSON.stringify(entry));
      this.works = true;
    } catch {
      this.works = false;
    }
  }

  drop(field) {
    try {
      localStorage.removeItem(this.prefix + field);
    } catch {
      this.works = false;
    }
  }

  all() {
    const found = new Map();
    try {
      for (let place = 0; place < localStorage.length; place += 1) {
        const key = localStorage.key(place);
        if (key.startsWith(this.prefix)) found.set(key.slice(this.prefix.length), JSON.parse(localStorage.getItem(key)));
      }
    } catch {
      this.works = false;
    }
    return found;
  }

  wipe() {
    for (const field of this.all().keys()) this.drop(field);
  }
}
