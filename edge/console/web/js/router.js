/** Which page an address means, and how one goes from page to page without loading anew. */

export class Router {
  constructor(pages, show) {
    this.pages = pages;
    this.show = show;
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.clicked(event));
  }

  /** Show what the address says. */
  read() {
    const page = this.pages.find((one) => one.path === location.pathname) || this.pages[0];
    return this.show(page, Object.fromEntries(new URLSearchParams(location.search)));
  }

  /** Go to an address of ours. */
  go(address) {
    if (address !== location.pathname + location.search) history.pushState(null, '', address);
    return this.read();
  }

  /** Change what comes after the `?` and stay on the page: what is chosen survives a reload. */
  static keep(params) {
    const kept = new URLSearchParams(Object.entries(params).filter(([, value]) => value)).toString();
    history.replaceState(null, '', location.pathname + (kept ? `?${kept}` : ''));
  }

  clicked(event) {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target.closest?.('a[href]');
    if (!plain || !link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (!this.pages.some((one) => one.path === link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
