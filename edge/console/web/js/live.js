/** The live data: one stream for all pages, which says when it is lost and goes on by itself. */

const FIRST_RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;
const SILENCE_MS = 25_000;

/** States: `opening`, `live`, `lost`. Emits `state`, `change`, `outcome`, `whole`, and `offered` when other targets can be chosen. */
export class Live {
  constructor(api, town) {
    this.api = api;
    this.town = town;
    this.state = 'opening';
    this.since = Date.now();
    this.trouble = null;
    this.listeners = new Map();
    this.retry = FIRST_RETRY_MS;
    this.generation = 0;
    addEventListener('online', () => this.again());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && this.state === 'lost') this.again();
    });
  }

  /** Hear of an event; gives what ends that. */
  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(listener);
    return () => this.listeners.get(name).delete(listener);
  }

  /** Hear of several events, by name; gives what ends that. */
  onEach(listeners) {
    const offs = Object.entries(listeners).map(([name, listener]) => this.on(name, listener));
    return () => offs.forEach((off) => off());
  }

  emit(name, value) {
    for (const listener of [...(this.listeners.get(name) || [])]) listener(value);
  }

  /** Ask for everything, then for what changes. */
  async start() {
    const generation = ++this.generation;
    clearTimeout(this.timer);
    this.source?.close();
    try {
      this.town.replace(await this.api.get('/api/v1/town'));
    } catch (error) {
      if (generation === this.generation) this.lost(error);
      return;
    }
    if (generation !== this.generation) return;
    this.emit('whole', this.town);
    this.open();
  }

  /** Try now rather than later. */
  again() {
    this.retry = FIRST_RETRY_MS;
    if (this.state !== 'live') this.resume();
  }

  /** Go on from where we are, else from the beginning. */
  resume() {
    clearTimeout(this.timer);
    if (this.town.seq) this.open();
    else this.start();
  }

  open() {
    const generation = ++this.generation;
    this.source?.close();
    const source = new EventSource(`/api/v1/town/live?seq=${encodeURIComponent(this.town.seq)}`);
    this.source = source;
    const hear = (name, act) => source.addEventListener(name, (event) => {
      if (generation !== this.generation) return;
      this.heard(event);
      act?.(JSON.parse(event.data));
    });
    hear('hello');
    hear('beat');
    hear('change', (batch) => {
      const changed = this.town.change(batch);
      this.emit('change', changed);
      if (changed.offered) this.emit('offered');
    });
    hear('outcome', (order) => this.emit('outcome', order));
    hear('reset', () => this.start());
    source.onerror = () => {
      if (generation !== this.generation) return;
      source.close();
      this.lost(null);
    };
  }

  heard(event) {
    if (event.type === 'change' || event.type === 'beat') this.town.seq = event.lastEventId || this.town.seq;
    this.retry = FIRST_RETRY_MS;
    this.become('live');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.source.close();
      this.lost(null);
    }, SILENCE_MS);
  }

  lost(error) {
    this.trouble = error;
    this.become('lost');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.resume(), this.retry);
    this.retry = Math.min(RETRY_MAX_MS, this.retry * 2);
    // A session that is over looks like a lost stream: asking says which, and leads to the login.
    this.api.get('/api/v1/status').catch(() => {});
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.since = Date.now();
    if (state === 'live') this.trouble = null;
    this.emit('state', state);
  }
}
