/** A gauge in the text format of Prometheus. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Gauge {
  name: string;
  help: string;
  samples: { labels: Record<string, string>; value: number }[];
}

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

export function toText(gauges: Gauge[]): string {
  const lines = gauges.flatMap(({ name, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelsOf(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
