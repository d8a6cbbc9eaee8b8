"use strict";
/* A part under a lamp: angle and exposure decide whether the scratch can be seen. */
const canvas = make("canvas", { width: 640, height: 360 });
stage.append(canvas);
const pen = canvas.getContext("2d");
const set = { angle: 60, exposure: 50, back: false };
tasks(["让划痕的对比大于 60", "用背光量外形（边缘对比大于 80）", "不让画面过曝"]);
function paint() {
  const low = 1 - set.angle / 90;
  const base = Math.min(255, set.exposure * (0.6 + 2.6 * (1 - low)));
  const scratch = Math.min(255, base + low * set.exposure * 3);
  const behind = set.back ? Math.min(255, set.exposure * 4) : 30;
  const part = set.back ? 12 : base;
  pen.fillStyle = `rgb(${behind},${behind},${behind})`;
  pen.fillRect(0, 0, 640, 360);
  pen.fillStyle = `rgb(${part},${part},${part})`;
  pen.beginPath(); pen.arc(320, 180, 130, 0, 7); pen.fill();
  pen.fillStyle = `rgb(${behind},${behind},${behind})`;
  pen.beginPath(); pen.arc(320, 180, 46, 0, 7); pen.fill();
  if (!set.back) {
    pen.strokeStyle = `rgb(${scratch},${scratch},${scratch})`; pen.lineWidth = 5;
    pen.beginPath(); pen.moveTo(370, 90); pen.lineTo(420, 170); pen.stroke();
  }
  const contrast = set.back ? behind - part : scratch - base;
  if (!set.back && contrast > 60) finish(0);
  if (set.back && contrast > 80) finish(1);
  if (base < 200 && contrast > 40) finish(2);
  say(`对比 ${contrast.toFixed(0)}，亮度 ${base.toFixed(0)}${base >= 250 ? "，过曝" : ""}`, contrast > 60 && base < 250);
}
slider("光源角度", 5, 90, 60, "°", (v) => { set.angle = v; paint(); }).update();
slider("曝光", 5, 100, 50, "", (v) => { set.exposure = v; paint(); }).update();
toggle("改用背光", (on) => { set.back = on; paint(); });
