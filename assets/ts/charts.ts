// Trend of an indicator: measured, forecast, target. The page holds the same numbers as a table; this is the picture of it.
import { all, parse } from "./lib/dom";
import { t } from "./lib/i18n";

interface Trend {
  labels: string[];
  measured: (number | null)[];
  forecast?: (number | null)[];
  target?: number | null;
  unit?: string;
}

async function draw(element: HTMLElement): Promise<void> {
  const trend = parse<Trend | null>(element.dataset["chart"], null);
  if (!trend || !trend.labels.length) return;
  const { echarts } = await import("./lib/echarts");
  const chart = echarts.init(element, null, { renderer: "canvas" });
  const paint = () => {
    const css = getComputedStyle(document.documentElement);
    const token = (name: string) => css.getPropertyValue(name).trim();
    const unit = trend.unit ?? "%";
    const line = { type: "line" as const, symbol: "circle", symbolSize: 5, showSymbol: trend.labels.length < 16 };
    chart.setOption(
      {
        animation: false,
        aria: { enabled: true },
        textStyle: { fontFamily: token("--kk-font") },
        grid: { left: 44, right: 88, top: 16, bottom: 28 },
        tooltip: {
          trigger: "axis",
          backgroundColor: token("--kk-sheet"),
          borderColor: token("--kk-line-strong"),
          textStyle: { color: token("--kk-ink"), fontSize: 13 },
          valueFormatter: (value: unknown) => (typeof value === "number" ? `${value.toFixed(2)} ${unit}` : "—"),
        },
        xAxis: { type: "category", data: trend.labels, axisLine: { lineStyle: { color: token("--kk-line-strong") } }, axisTick: { show: false }, axisLabel: { color: token("--kk-ink-3"), fontSize: 12 } },
        yAxis: { type: "value", scale: true, splitLine: { lineStyle: { color: token("--kk-line") } }, axisLabel: { color: token("--kk-ink-3"), fontSize: 12, formatter: `{value} ${unit}` } },
        series: [
          {
            ...line,
            name: t("chart.measured"),
            data: trend.measured,
            lineStyle: { color: token("--kk-accent"), width: 2 },
            itemStyle: { color: token("--kk-accent") },
            ...(trend.target === null || trend.target === undefined
              ? {}
              : {
                  markLine: {
                    silent: true,
                    symbol: "none",
                    lineStyle: { color: token("--kk-ink-3"), type: "dotted", width: 1.5 },
                    label: { color: token("--kk-ink-2"), fontSize: 12, formatter: `${t("chart.target")} ${trend.target} ${unit}` },
                    data: [{ yAxis: trend.target }],
                  },
                }),
          },
          // Unseen, so that the axis reaches the target line.
          ...(trend.target === null || trend.target === undefined ? [] : [{ type: "line" as const, data: trend.labels.map(() => trend.target as number), symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } }]),
          ...(trend.forecast ? [{ ...line, name: t("chart.forecast"), data: trend.forecast, lineStyle: { color: token("--kk-accent"), width: 2, type: "dashed" as const }, itemStyle: { color: token("--kk-accent") } }] : []),
        ],
      },
      true,
    );
  };
  paint();
  new ResizeObserver(() => chart.resize()).observe(element);
  document.addEventListener("keku:theme", paint);
}

// Drawn when it comes into view: the figures above it must not wait for a picture.
const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        void draw(entry.target as HTMLElement);
      }
  },
  { rootMargin: "200px" },
);
all("[data-chart]").forEach((element) => near.observe(element));
