const HELLO = 'hello, egg';

const team = () => ({
  size: 10,
  members: Array.from({ length: 10 }, (_, n) => ({ id: n, name: `member ${n}`, active: true })),
});

module.exports = app => class BenchController extends app.Controller {
  async hello() {
    this.ctx.body = HELLO;
  }

  async json() {
    this.ctx.body = team();
  }

  async echo() {
    this.ctx.body = this.ctx.request.body;
  }
};
