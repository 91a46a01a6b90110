"""Names on boards where a course wants no real ones: the same for the whole course, and not to be guessed."""

import hashlib
import hmac

from grader.protocol import Text

ADJECTIVES = (
    "amber 琥珀", "ancient 古老的", "balmy 和煦的", "bold 大胆的", "brave 勇敢的", "bright 明亮的", "brisk 轻快的",
    "bronze 青铜", "calm 平静的", "careful 细心的", "cheerful 开朗的", "clever 聪明的", "cloudy 多云的", "coral 珊瑚",
    "cosmic 宇宙", "crisp 清脆的", "curious 好奇的", "dancing 跳舞的", "daring 敢闯的", "dawn 黎明", "deep 深沉的",
    "dewy 带露的", "distant 远方的", "dreamy 爱做梦的", "early 早起的", "earnest 认真的", "eager 热切的", "fair 公正的",
    "famous 有名的", "fleet 飞快的", "floating 漂浮的", "frosty 霜白的", "gentle 温和的", "gilded 镀金的", "glad 高兴的",
    "golden 金色的", "graceful 优雅的", "green 绿色的", "hardy 坚韧的", "hidden 隐秘的", "honest 诚实的", "humble 谦虚的",
    "icy 冰雪", "idle 悠闲的", "indigo 靛蓝", "ivory 象牙白", "jade 翡翠", "jolly 快活的", "keen 敏锐的", "kind 善良的",
    "late 晚睡的", "lively 活泼的", "lofty 高远的", "lucky 幸运的", "lunar 月光", "mellow 醇和的", "merry 欢乐的",
    "misty 雾中的", "modest 朴素的", "mossy 青苔", "nimble 灵巧的", "noble 高贵的", "northern 北方的", "opal 蛋白石",
    "patient 耐心的", "pearly 珍珠", "playful 爱玩的", "plucky 有胆量的", "polite 有礼貌的", "proud 自豪的", "quick 敏捷的",
    "quiet 安静的", "rapid 疾速的", "rosy 玫瑰色的", "rustic 乡间的", "scarlet 绯红", "serene 宁静的", "shy 害羞的",
    "silent 沉默的", "silver 银色的", "sleepy 困倦的", "snowy 雪白的", "solar 日光", "southern 南方的", "spry 矫健的",
    "starry 星光", "steady 稳健的", "stormy 暴风", "sunny 阳光", "swift 迅捷的", "tidy 整洁的", "tranquil 恬静的",
    "upbeat 乐观的", "velvet 天鹅绒", "vivid 鲜明的", "wandering 漫游的", "warm 温暖的", "western 西边的", "wise 睿智的",
    "witty 风趣的",
)  # fmt: skip
ANIMALS = (
    "albatross 信天翁", "alpaca 羊驼", "antelope 羚羊", "badger 獾", "bat 蝙蝠", "bear 熊", "beaver 河狸", "bee 蜜蜂",
    "bison 野牛", "buffalo 水牛", "butterfly 蝴蝶", "camel 骆驼", "carp 锦鲤", "cat 猫", "chameleon 变色龙", "cheetah 猎豹",
    "cicada 蝉", "cod 鳕鱼", "crab 螃蟹", "crane 鹤", "cricket 蟋蟀", "crow 乌鸦", "deer 鹿", "dolphin 海豚", "dove 鸽子",
    "dragonfly 蜻蜓", "duck 鸭子", "eagle 鹰", "eel 鳗鱼", "elephant 大象", "elk 麋鹿", "falcon 隼", "ferret 雪貂",
    "finch 雀", "firefly 萤火虫", "fox 狐狸", "frog 青蛙", "gazelle 瞪羚", "gecko 壁虎", "gibbon 长臂猿", "giraffe 长颈鹿",
    "goat 山羊", "goose 大雁", "grasshopper 蚱蜢", "gull 海鸥", "hamster 仓鼠", "hare 野兔", "hawk 苍鹰", "hedgehog 刺猬",
    "heron 苍鹭", "horse 马", "ibex 北山羊", "ibis 朱鹮", "jackdaw 寒鸦", "jay 松鸦", "kestrel 红隼", "kingfisher 翠鸟",
    "koala 考拉", "lark 云雀", "lemur 狐猴", "leopard 豹", "lion 狮子", "lizard 蜥蜴", "lobster 龙虾", "loon 潜鸟",
    "lynx 猞猁", "magpie 喜鹊", "manatee 海牛", "marten 貂", "mole 鼹鼠", "moth 飞蛾", "mouse 老鼠", "newt 蝾螈",
    "nightingale 夜莺", "octopus 章鱼", "oriole 黄鹂", "otter 水獭", "owl 猫头鹰", "panda 熊猫", "parrot 鹦鹉",
    "peacock 孔雀", "pelican 鹈鹕", "penguin 企鹅", "pheasant 雉", "puffin 海鹦", "quail 鹌鹑", "rabbit 兔子", "raven 渡鸦",
    "robin 知更鸟", "salmon 鲑鱼", "seal 海豹", "sparrow 麻雀", "squirrel 松鼠", "stork 白鹳", "swallow 燕子", "swan 天鹅",
    "tiger 老虎", "tortoise 陆龟", "whale 鲸", "wren 鹪鹩",
)  # fmt: skip
NUMBERS = range(10, 100)


def pseudonym(key: bytes, subject: str) -> Text:
    """The name of `subject`, such as "course 3 person 17". Of 200 students two have the same one once in 45 courses.

    key: a secret of the platform; without it nobody can find a name by trying all students.
    """
    drawn = int.from_bytes(hmac.new(key, subject.encode(), hashlib.sha256).digest()[:16])
    drawn, number = divmod(drawn, len(NUMBERS))
    drawn, animal = divmod(drawn, len(ANIMALS))
    adjective_en, adjective_zh = ADJECTIVES[drawn % len(ADJECTIVES)].split(" ")
    animal_en, animal_zh = ANIMALS[animal].split(" ")
    return Text(
        en=f"{adjective_en.title()} {animal_en.title()} {NUMBERS[number]}", zh=f"{adjective_zh}{animal_zh} {NUMBERS[number]}"
    )
