EXPLANATION = {
    "en": "The bias of your perceptron stays where it began. Which line can a unit draw whose bias is always 0?",
    "zh": "感知机的偏置一直停在初始值。偏置恒为 0 的单元能画出怎样的分界线？",
}


class Perceptron(Perceptron):
    def _pass(self, x, y, rate):
        errors = super()._pass(x, y, rate)
        self.bias = torch.zeros(())
        return errors
