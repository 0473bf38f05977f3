import { Output, type TextStream } from './output';

function stream(isTTY: boolean): TextStream & { text: string } {
  return {
    text: '',
    isTTY,
    hasColors: () => isTTY,
    write(text: string) {
      this.text += text;
      return true;
    },
  };
}

/** What foreign text may try: clear the screen, a link, a title, a line that is read backwards, another line. */
const FOREIGN =
  '\u001b[2J\u001b]8;;http://evil\u0007x\u001b]0;title\u0007\u009b31m\u202eexe.txt\u2028next\rnew\u0000';

describe.each([true, false])('what people see (terminal: %s)', (isTTY) => {
  it.each<[string, (out: Output) => void]>([
    ['results', (out) => out.show(false, {}, () => FOREIGN)],
    ['messages', (out) => out.say(FOREIGN)],
    ['warnings', (out) => out.warn(`left out: ${FOREIGN}`)],
  ])('in %s holds no control character of somebody else', (_, write) => {
    const [stdout, stderr] = [stream(isTTY), stream(isTTY)];
    write(new Output(stdout, stderr));
    const seen = (stdout.text + stderr.text).replaceAll('\u001b[33m', '').replaceAll('\u001b[39m', '');
    expect(seen).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e]/u);
    expect(seen).toContain('exe.txt');
  });

  it('keeps colours of its own on a terminal, and line ends', () => {
    const out = new Output(stream(isTTY), stream(isTTY));
    out.show(false, {}, () => `a\r\n\t${out.paint(['bold', 'red'], 'b')}`);
    expect((out.stdout as TextStream & { text: string }).text).toBe(
      isTTY ? 'a\n\t\u001b[1m\u001b[31mb\u001b[39m\u001b[22m\n' : 'a\n\tb\n',
    );
  });

  it('passes JSON on as it is, which writes control characters in letters', () => {
    const stdout = stream(isTTY);
    new Output(stdout, stream(isTTY)).show(true, { name: FOREIGN }, () => '');
    expect(JSON.parse(stdout.text)).toEqual({ name: FOREIGN });
    expect(stdout.text).not.toContain('\u001b');
  });
});
