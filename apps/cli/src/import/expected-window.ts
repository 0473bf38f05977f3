import type { WindowMessage } from '@factory/contracts';
import { DEFAULT_POLICY, findDates, windowReason } from '@factory/domain';
import { identifier } from '@factory/mysql';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { numbered } from './import-tables';

const DAY_MS = 86_400_000;

/**
 * The window on which a retrain over everything that was imported trains with the default policy (rules R1): the rule
 * may choose less than the requested range, and people should know that before they train.
 *
 * @param word the source's name with underscores; its first goal is the default one
 * @returns null if the range is shorter than the days that are held back
 */
export async function expectedWindow(
  connection: Connection,
  word: string,
  product: number,
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
): Promise<WindowMessage | null> {
  // Tables store whole seconds, and the end of a request is its last second.
  const second = (ms: number): number => 1_000 * Math.floor(ms / 1_000);
  const start = new Date(second(firstMs));
  const end = new Date(second(lastMs) + 1_000);
  const trainEnd = new Date(end.getTime() - DEFAULT_POLICY.outOfTimeDays * DAY_MS);
  if (trainEnd <= start) return null;
  const until = trainEnd.toISOString().slice(0, 19).replace('T', ' ');
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT (TIMESTAMPDIFF(SECOND, v.visit_time, ?) - 1) DIV 86400 AS day_back, COUNT(*) AS sales
       FROM ${identifier(`${word}_visit`).text} v JOIN ${identifier(numbered(word, 'goal', 0)).text} g USING (visit_id)
      WHERE v.product_id = ? AND v.visit_time < ? GROUP BY day_back`,
    [until, product, until],
  );
  const salesByDayBack: number[] = [];
  for (const row of rows) salesByDayBack[Number(row['day_back'])] = Number(row['sales']);
  const { windowThresholds } = DEFAULT_POLICY;
  const found = findDates(start, trainEnd, salesByDayBack, windowThresholds);
  return {
    start: found.window.start.toISOString(),
    trainEnd: trainEnd.toISOString(),
    end: end.toISOString(),
    days: found.window.days,
    sales: found.window.sales,
    rangeStart: start.toISOString(),
    reason: windowReason(windowThresholds, found),
    ...(found.passed ? { passed: { ...found.passed } } : {}),
  };
}
