"""The plate alphabet: every character that a canonical plate text can hold, in one order.

The format table, the decoder and the recognisers' networks index characters by this order; a network is
trained against it, so characters are added at the end only, and a network says in its file which it knows.
What canonical spelling folds (`anpr.canonical`: Cyrillic look-alikes, Persian digits, umlauts) is not in it.
"""

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PERSIAN = "ابپتثجدزژسشصطعفقکگلمنوهی"
"""The letters of Iranian plates."""
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
"""The first characters of Chinese plates."""
CHINESE_KINDS = "挂警学领使港澳"
"""The last characters of Chinese plates: trailer, police, training, consulate, embassy, Hong Kong, Macau."""
CYRILLIC = "БГДЖЗИЙЛПФЦЧШЩЪЫЬЭЮЯӨҮ"
"""The letters of Mongolian plates that have no Latin twin."""

ALPHABET: tuple[str, ...] = tuple(DIGITS + LATIN + PERSIAN + PROVINCES + CHINESE_KINDS + CYRILLIC)
"""The blank of a network is not among them."""
INDEX: dict[str, int] = {character: place for place, character in enumerate(ALPHABET)}
