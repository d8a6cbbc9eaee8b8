// The curve of a recording: people who saw each second, and how often it was played again. The page says the same in words.
import { all, parse } from "./lib/dom";

interface Curve {
  step: number;
  seen: number[];
  again: number[];
  names: [string, string];
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

async function draw(element: HTMLElement): Promise<void> {
  const curve = parse<Curve | null>(element.dataset["watching"], null);
  if (!curve || !curve.seen.length) return;
  const { echarts } = await import("./lib/echarts");
  const chart = echarts.init(element, null, { renderer: "canvas" });
  const paint = () => {
    const css = getComputedStyle(document.documentElement);
    const token = (name: string) => css.getPropertyValue(name).trim();
    const line = { type: "line" as const, symbol: "none", step: "middle" as const };
    const small = { color: token("--kk-ink-3"), fontSize: 12 };
    chart.setOption(
      {
        animation: false,
        textStyle: { fontFamily: token("--kk-font") },
        grid: { left: 40, right: 12, top: 12, bottom: 28 },
        tooltip: {
          trigger: "axis",
          backgroundColor: token("--kk-sheet"),
          borderColor: token("--kk-line-strong"),
          textStyle: { color: token("--kk-ink"), fontSize: 13 },
        },
        xAxis: { type: "category", boundaryGap: false, data: curve.seen.map((_, place) => clock(place * curve.step)), axisLine: { lineStyle: { color: token("--kk-line-strong") } }, axisTick: { show: false }, axisLabel: small },
        yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { color: token("--kk-line") } }, axisLabel: small },
        series: [
          { ...line, name: curve.names[0], data: curve.seen, lineStyle: { color: token("--kk-accent"), width: 2 }, itemStyle: { color: token("--kk-accent") }, areaStyle: { color: token("--kk-accent-soft") } },
          { ...line, name: curve.names[1], data: curve.again, lineStyle: { color: token("--kk-warn"), width: 2, type: "dashed" as const }, itemStyle: { color: token("--kk-warn") } },
        ],
      },
      true,
    );
  };
  paint();
  new ResizeObserver(() => chart.resize()).observe(element);
  document.addEventListener("keku:theme", paint);
}

all("[data-watching]").forEach((element) => void draw(element));
