/** The state of the board, as its events have built it up so far. */

/** @import { CallShown, Delta, Figures, MinuteShown, ServiceShown, Snapshot } from '../board/view-model.ts' */

export class Store {
  constructor() {
    /** @type {Map<string, CallShown>} */
    this.calls = new Map();
    /** @type {Figures | undefined} */
    this.figures = undefined;
    /** By their beginnings. @type {Map<number, MinuteShown>} */
    this.minutes = new Map();
    /** @type {ServiceShown | undefined} */
    this.service = undefined;
    /** How far this clock is behind the controller's, in milliseconds. */
    this.behindMs = 0;
  }

  /** By the controller's clock. */
  now() {
    return Date.now() + this.behindMs;
  }

  /** @param {string} name @param {Snapshot & Delta} data */
  take(name, data) {
    this.behindMs = data.at - Date.now();
    if (name === 'snapshot') {
      this.calls = new Map();
      this.minutes = new Map();
    }
    for (const call of data.calls ?? []) this.calls.set(call.id, call);
    for (const id of data.gone ?? []) this.calls.delete(id);
    if (data.figures) this.#takeFigures(data.figures);
    if (data.service) this.service = data.service;
  }

  /** @param {Figures} figures */
  #takeFigures(figures) {
    this.figures = figures;
    for (const minute of figures.minutes) this.minutes.set(minute.at, minute);
    const oldest = this.now() - 361 * 60_000;
    for (const at of this.minutes.keys()) if (at < oldest) this.minutes.delete(at);
  }

  /** The oldest first, without holes. @returns {readonly MinuteShown[]} */
  trend() {
    return [...this.minutes.values()].sort((a, b) => a.at - b.at);
  }
}
