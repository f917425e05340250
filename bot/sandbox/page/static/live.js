// The socket through which the page hears what changed; it comes back by itself when it was cut.

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;

export class Live {
  /** `heard(message)` gets every message, `standing(connected)` whether there is a connection. */
  constructor(heard, standing) {
    Object.assign(this, { heard, standing, pause: FIRST_PAUSE, wish: "" });
    this.connect();
  }

  connect() {
    this.socket = new WebSocket(`ws://${location.host}/page/live`);
    this.socket.addEventListener("open", () => {
      this.pause = FIRST_PAUSE;
      this.standing(true);
      if (this.wish) this.socket.send(this.wish);
    });
    this.socket.addEventListener("message", (event) => this.heard(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => {
      this.standing(false);
      setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    });
  }

  /** Says what the page looks at. */
  look(wish) {
    const said = JSON.stringify(wish);
    if (said === this.wish) return;
    this.wish = said;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(said);
  }
}
