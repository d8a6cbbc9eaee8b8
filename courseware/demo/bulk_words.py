"""Words for made-up libraries: every name says that it is an example."""

from __future__ import annotations

THINGS = (
    ("伺服驱动器", "servo drive"), ("变频器", "frequency converter"), ("气动回路", "pneumatic circuit"), ("液压站", "hydraulic unit"),
    ("数控车床", "CNC lathe"), ("加工中心", "machining centre"), ("焊接电源", "welding power source"), ("激光切割机", "laser cutter"),
    ("三坐标测量机", "coordinate measuring machine"), ("输送线", "conveyor line"), ("立体仓库", "high-bay store"),
    ("电池包", "battery pack"), ("驱动电机", "drive motor"), ("充电桩", "charging pile"), ("车身电路", "body wiring"),
    ("光伏组件", "solar module"), ("风机齿轮箱", "wind gearbox"), ("配电柜", "distribution cabinet"), ("电梯门机", "lift door drive"),
    ("冷水机组", "chiller"), ("洁净室", "clean room"), ("护理床旁", "bedside care"), ("药品仓库", "drug store"),
    ("实训工单", "work order"), ("物联网关", "IoT gateway"), ("边缘控制器", "edge controller"), ("无人机云台", "drone gimbal"),
    ("测绘基站", "survey base station"), ("建筑模型", "building model"), ("钢筋骨架", "rebar cage"), ("烘焙面团", "dough"),
    ("茶席", "tea table"), ("服装样板", "garment pattern"), ("染整工序", "dyeing step"), ("财务凭证", "voucher"),
    ("仓储盘点", "stocktaking"), ("直播间", "live studio"), ("客房", "guest room"), ("幼儿活动", "kindergarten activity"), ("养殖水体", "aquaculture water"),
)  # fmt: skip
ACTIONS = (
    ("安装", "installing"), ("调试", "commissioning"), ("参数整定", "tuning"), ("日常点检", "daily checks"), ("故障诊断", "fault finding"),
    ("拆卸与复装", "stripping and rebuilding"), ("安全隔离", "safe isolation"), ("接线与检查", "wiring and checking"), ("标定", "calibrating"), ("选型", "choosing"),
    ("工艺编制", "process planning"), ("质量检验", "inspecting"), ("记录填写", "keeping records"), ("仿真验证", "simulating"), ("节能改造", "saving energy"),
    ("数据采集", "collecting data"), ("交接班", "shift handover"), ("应急处置", "emergencies"), ("成本核算", "costing"), ("现场整理", "tidying the workplace"),
    ("图纸识读", "reading drawings"), ("工具使用", "using tools"), ("保养计划", "maintenance plans"), ("验收交付", "handing over"), ("岗位沟通", "talking on the job"),
)  # fmt: skip
FORMS = {
    "video": "微课", "animation": "动画", "audio": "讲解录音", "text": "作业单", "presentation": "课件", "image": "示意图",
    "simulation": "仿真练习", "other": "数据表",
}  # fmt: skip
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = ("示一", "示二", "示三", "例安", "例宁", "例和", "演川", "演山", "演云", "样木", "样青", "样远")


def topic(number: int) -> tuple[str, str]:
    """A thing and what is done with it, in Chinese and in English; a thousand different ones."""
    thing = THINGS[number % len(THINGS)]
    action = ACTIONS[(number // len(THINGS) + number) % len(ACTIONS)]
    return f"{thing[0]}{action[0]}", f"{action[1].capitalize()}: {thing[1]}"


def person(number: int) -> str:
    """A name that reads as made up."""
    return f"{SURNAMES[number % len(SURNAMES)]}{GIVEN[number // len(SURNAMES) % len(GIVEN)]}（示例 {number}）"


def sentence(number: int) -> str:
    """A description of some length."""
    first, _ = topic(number)
    second, _ = topic(number * 7 + 3)
    return f"示例内容 {number}：围绕{first}说明准备、步骤、检查三件事，并与{second}对照；数值只作教学示例，以现场手册为准。"


def long_text(number: int) -> str:
    """A text of a few paragraphs that no other number has."""
    steps = [f"第{n}步：{topic(number * 5 + n)[0]}，完成后由两人核对并签名。" for n in range(1, 6)]
    return "\n".join([sentence(number), *steps])
