const HELLO = 'hello, egg';

const team = () => ({
  size: 10,
  members: Array.from({ length: 10 }, (_, n) => ({ id: n, name: `member ${n}`, active: true })),
});

const account = (user, verbose) => ({
  id: user,
  verbose: verbose === '1',
  items: Array.from({ length: 10 }, (_, n) => ({ id: n, label: `item ${n} of ${user}` })),
});

const rows = Array.from({ length: 100 }, (_, n) => ({
  id: n, name: `member <${n}>`, email: `member${n}@egg.example`, price: `${n}.50`,
}));

module.exports = app => class BenchController extends app.Controller {
  async hello() {
    this.ctx.body = HELLO;
  }

  async logged() {
    this.ctx.logger.info('hello %s', 'egg');
    this.ctx.body = HELLO;
  }

  async json() {
    this.ctx.body = team();
  }

  async users() {
    this.ctx.body = account(this.ctx.params.id, this.ctx.query.verbose);
  }

  async table() {
    await this.ctx.render('table.html', { rows });
  }

  async session() {
    this.ctx.body = `hello, ${this.ctx.session.user}`;
  }

  async echo() {
    this.ctx.body = this.ctx.request.body;
  }
};
